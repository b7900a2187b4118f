//! Everything the renderer promises, asked from outside: one binary, a module for each kind of promise.

mod bounds;
mod browser;
mod camera;
mod followed;
mod footage;
mod given;
mod length;
mod marks;
mod media;
mod movement;
mod pictures;
mod pool;
mod sameness;
mod sights;
mod sound;
mod spoken;
mod stills;
mod words;
mod works;
