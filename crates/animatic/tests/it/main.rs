//! Everything the renderer promises, asked from outside: one binary, a module for each kind of promise.

mod bounds;
mod browser;
mod camera;
mod editing;
mod followed;
mod footage;
mod given;
mod length;
mod marks;
mod media;
mod movement;
mod pictures;
mod pool;
mod recognition;
mod sameness;
mod sights;
mod sound;
mod sounds;
mod spoken;
mod stills;
mod words;
mod works;
