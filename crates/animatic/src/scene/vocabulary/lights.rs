//! Words for light, colours, moods and speed.

use super::{Entry, Meaning, hint, plain};
use crate::scene::{Light, Mood, Pace, Tone};

pub(super) const LIGHTS: &[Entry] = &[
    plain(
        Meaning::Light(Light::Neon),
        "neon, neon light, neon sign, cyberpunk, synthwave, vaporwave, led light, hologram, holographic, futuristic, sci fi, retrowave",
        "霓虹 霓虹灯 赛博朋克 全息 科幻 未来感 蒸汽波 未来",
    ),
    plain(
        Meaning::Light(Light::Warm),
        "candle, candlelight, candlelit, warm light, lamplight, firelight, fireplace, cozy, cosy, lantern, campfire, bonfire, fairy light",
        "蜡烛 烛光 暖光 灯光 火光 壁炉 温馨 灯笼 篝火 暖色 温暖",
    ),
    plain(
        Meaning::Light(Light::Rays),
        "ray, god ray, light ray, sunbeam, sun ray, beam, light shaft, light beam, volumetric light, crepuscular, volumetric lighting, shaft of light, ray of light, dappled light, tyndall",
        "光束 光线 丁达尔 体积光 光柱 斑驳 霞光 光芒 一束光",
    ),
    plain(
        Meaning::Light(Light::Backlit),
        "backlit, backlight, silhouette, rim light, contre jour, silhouetted",
        "逆光 剪影 轮廓光 背光",
    ),
    plain(
        Meaning::Light(Light::Aurora),
        "aurora, northern light, aurora borealis, polar light, southern light",
        "极光 北极光",
    ),
];

pub(super) const TONES: &[Entry] = &[
    plain(
        Meaning::Tone(Tone::Grey),
        "black and white, monochrome, noir, film noir, grayscale, greyscale, black white, monochromatic",
        "黑白 单色 灰度 黑白电影",
    ),
    plain(
        Meaning::Tone(Tone::Sepia),
        "sepia, vintage, retro, nostalgic, old film, old photo, film look, nostalgia, 1920s, super 8",
        "复古 怀旧 老电影 老照片 泛黄 胶片 年代感 旧时光",
    ),
    plain(
        Meaning::Tone(Tone::Pastel),
        "pastel, soft color, soft colour, watercolor, watercolour, delicate, dreamy, muted color, muted colour, ghibli, kawaii",
        "粉彩 柔和 水彩 淡雅 梦幻 马卡龙 清新 小清新 唯美 吉卜力",
    ),
    plain(
        Meaning::Tone(Tone::Vivid),
        "vivid, vibrant, colorful, colourful, saturated, rainbow, bright color, bright colour, pop art, kaleidoscope",
        "鲜艳 五彩 缤纷 彩虹 五颜六色 色彩斑斓 绚丽 多彩 五彩缤纷 斑斓",
    ),
    plain(
        Meaning::Tone(Tone::Warm),
        "warm tone, warm, warm color, warm colour, amber, honey",
        "暖色调 暖色 温暖 暖调",
    ),
    plain(
        Meaning::Tone(Tone::Cold),
        "cold, cool tone, chilly, freezing, cold tone, cool color, cool colour",
        "冷色调 寒冷 冷色 冰冷 清冷 冷调",
    ),
    plain(
        Meaning::Tone(Tone::Ink),
        "ink wash, ink painting, chinese painting, sumi e, ink wash painting, ink style",
        "水墨 水墨画 国画 国风 中国风 山水画 古风 水墨风",
    ),
];

pub(super) const COLOURS: &[Entry] = &[
    plain(
        Meaning::Colour(0xd2_3630),
        "red, scarlet, ruby, vermilion",
        "红 红色 大红 鲜红 朱红",
    ),
    plain(
        Meaning::Colour(0xa8_1430),
        "crimson, burgundy, maroon, dark red, blood red",
        "深红 暗红 酒红 绯红 血红",
    ),
    plain(
        Meaning::Colour(0x14_8f90),
        "teal, turquoise, cyan, aqua, aquamarine",
        "青 青色 青绿 蓝绿 碧蓝 湖蓝 绿松石",
    ),
    plain(
        Meaning::Colour(0xe8_d8b8),
        "beige, cream coloured, cream colored, sand coloured",
        "米色 米白 奶油色",
    ),
    plain(Meaning::Colour(0xb0_6a3c), "copper, bronze", "铜色 古铜 青铜色"),
    plain(
        Meaning::Colour(0xea_842a),
        "orange, ginger, tangerine",
        "橙 橙色 橘 橘色 橘黄 橘猫",
    ),
    plain(Meaning::Colour(0xf0_c838), "yellow", "黄 黄色"),
    plain(
        Meaning::Colour(0x3c_9c58),
        "green, emerald, jade",
        "绿 绿色 翠绿 碧绿",
    ),
    plain(
        Meaning::Colour(0x34_6cc8),
        "blue, azure, navy, cobalt, indigo, light blue",
        "蓝 蓝色 天蓝 湛蓝 深蓝",
    ),
    plain(
        Meaning::Colour(0x84_4cb8),
        "purple, violet, lilac, lavender",
        "紫 紫色",
    ),
    plain(
        Meaning::Colour(0xec_88b0),
        "pink, rose, magenta",
        "粉 粉色 粉红 粉红色",
    ),
    plain(
        Meaning::Colour(0x80_5634),
        "brown, chestnut, chocolate, tan",
        "棕 棕色 褐色 咖啡色",
    ),
    plain(
        Meaning::Colour(0xf2_efe8),
        "white, ivory, snow white, pale, white background",
        "白 白色 洁白 雪白 白猫 白马 白狗 白色背景 白底",
    ),
    plain(
        Meaning::Colour(0x36_353c),
        "black, ebony, black background",
        "黑 黑色 黑猫 黑马 黑狗 黑色背景",
    ),
    plain(Meaning::Colour(0x8e_9298), "grey, gray, silver", "灰 灰色 银色"),
    plain(
        Meaning::Colour(0xd8_aa48),
        "golden, gold, blond, blonde",
        "金 金色 金黄 金黄色",
    ),
];

pub(super) const MOODS: &[Entry] = &[
    plain(
        Meaning::Mood(Mood::Calm),
        "calm, peaceful, serene, tranquil, quiet, zen, relaxing, gentle, still, meditation, soothing, idyllic",
        "宁静 平静 安静 祥和 静谧 恬静 悠闲 禅意 治愈 惬意 安详",
    ),
    plain(
        Meaning::Mood(Mood::Joyful),
        "happy, joyful, cheerful, playful, cute, fun, lively, smiling, adorable, festive, celebration, funny, laughing",
        "快乐 开心 欢快 可爱 活泼 欢乐 喜庆 热闹 微笑 幸福 俏皮 萌",
    ),
    plain(
        Meaning::Mood(Mood::Mystic),
        "mysterious, mystic, mystical, magical, magic, enchanted, dreamlike, surreal, fantasy, ethereal, fairytale, otherworldly, wonder, dream",
        "神秘 魔法 奇幻 梦境 仙境 梦幻 超现实 空灵 魔幻 童话 玄幻 梦",
    ),
    plain(
        Meaning::Mood(Mood::Dark),
        "eerie, spooky, scary, horror, ominous, haunted, sinister, gloomy, creepy, apocalyptic, dystopian, menacing, dark",
        "恐怖 阴森 诡异 惊悚 末日 阴暗 黑暗 压抑 阴郁",
    ),
    plain(
        Meaning::Mood(Mood::Epic),
        "epic, dramatic, majestic, grand, cinematic, heroic, breathtaking, awe inspiring, monumental, spectacular, sweeping, magnificent",
        "史诗 壮观 宏伟 震撼 磅礴 壮丽 气势恢宏 大气 电影感 雄伟 壮阔 巍峨",
    ),
    plain(
        Meaning::Mood(Mood::Tender),
        "romantic, love, tender, intimate, wedding, sentimental, valentine, kiss, heartwarming",
        "浪漫 爱情 温柔 婚礼 甜蜜 温情 情人节 深情",
    ),
    plain(
        Meaning::Mood(Mood::Sad),
        "sad, lonely, melancholy, melancholic, solitude, sorrow, alone, solitary, grief, desolate, abandoned",
        "悲伤 孤独 忧伤 忧郁 寂寞 孤单 落寞 凄凉 伤感 荒凉",
    ),
];

pub(super) const PACES: &[Entry] = &[
    plain(
        Meaning::Pace(Pace::Slow),
        "slow, slowly, slow motion, gently, leisurely, strolling, drifting, floating, timelapse of clouds, graceful, gracefully, wandering",
        "慢 缓慢 慢动作 缓缓 慢慢 悠然 漫步 漂浮 轻轻 飘动 徐徐 散步",
    ),
    plain(
        Meaning::Pace(Pace::Fast),
        "fast, running, racing, speeding, run, galloping, rushing, chasing, sprint, sprinting, dashing, fast paced, high speed, race, quick, quickly, jumping, chase, gallop",
        "快 奔跑 飞奔 疾驰 奔腾 快速 追逐 赛跑 飞驰 跑 狂奔 跑步 赛车 高速 奔驰",
    ),
    hint(
        Meaning::Pace(Pace::Still),
        "sitting, standing, sleeping, lying, resting, motionless, static, asleep, portrait, sit, stand, sleep, timelapse",
        "坐 坐着 站着 站在 睡觉 睡着 躺 静止 静坐 趴着",
    ),
];
