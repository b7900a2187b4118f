//! Words for the hour, the weather, the season and what floats in the air.

use super::{Entry, Meaning, hint, plain};
use crate::scene::{Air, Hour, Season, Weather};

pub(super) const HOURS: &[Entry] = &[
    plain(
        Meaning::Hour(Hour::Dawn),
        "dawn, sunrise, morning, daybreak, early morning, first light, break of day",
        "黎明 日出 清晨 早晨 破晓 拂晓 早上 晨曦 晨光 朝阳 朝霞 晨雾",
    ),
    plain(
        Meaning::Hour(Hour::Day),
        "day, daylight, noon, midday, sunny, sunlit, sunshine, afternoon, blue sky, broad daylight, daytime, sunny day, clear day",
        "白天 中午 正午 午后 下午 阳光 晴天 蓝天 阳光明媚 烈日 艳阳 阳光下",
    ),
    plain(
        Meaning::Hour(Hour::Sunset),
        "sunset, golden hour, evening sun, setting sun, late afternoon, golden light, golden sunlight",
        "日落 夕阳 黄昏 落日 晚霞 傍晚 金色阳光 黄金时刻 余晖",
    ),
    plain(
        Meaning::Hour(Hour::Dusk),
        "dusk, twilight, blue hour, evening, nightfall, gloaming",
        "暮色 薄暮 蓝调时刻 华灯初上 入夜",
    ),
    plain(
        Meaning::Hour(Hour::Night),
        "night, midnight, moon, moonlight, moonlit, starry, starry sky, starry night, nocturnal, nighttime, night sky, full moon, at night, starlight",
        "夜 夜晚 夜里 午夜 深夜 月光 月亮 月夜 星空 夜空 夜色 满月 明月 繁星 星夜 晚上 夜景",
    ),
    hint(
        Meaning::Hour(Hour::Day),
        "bright, sun, summer, picnic, playground",
        "明亮 太阳 夏天 夏日",
    ),
    hint(
        Meaning::Hour(Hour::Sunset),
        "golden, autumn, warm light, romantic, silhouette",
        "金色 秋天 浪漫 剪影",
    ),
    hint(
        Meaning::Hour(Hour::Night),
        "dark, neon, aurora, star, firefly, northern light, aurora borealis, lantern, sky lantern, paper lantern, floating lantern, firework, milky way, campfire, bonfire, candlelight, cyberpunk, shooting star, meteor shower, lantern festival, spooky, haunted, halloween, neon sign, neon light",
        "黑暗 霓虹 霓虹灯 极光 星星 萤火虫 灯笼 孔明灯 烟花 银河 篝火 烛光 赛博朋克 流星 元宵 夜市 流星雨 灯会 中秋",
    ),
];

pub(super) const WEATHERS: &[Entry] = &[
    plain(
        Meaning::Weather(Weather::Rain),
        "rain, rainy, raining, drizzle, monsoon, downpour, rainfall, rainstorm, raindrop, shower, umbrella, puddle, wet street",
        "雨 下雨 雨中 细雨 大雨 暴雨 小雨 雨天 雨夜 烟雨 雨水 雨伞 春雨 雨滴 毛毛雨",
    ),
    plain(
        Meaning::Weather(Weather::Storm),
        "storm, stormy, thunder, lightning, thunderstorm, tempest, hurricane, typhoon, tornado",
        "暴风雨 雷雨 闪电 雷电 风暴 台风 雷暴 打雷 狂风暴雨 飓风",
    ),
    plain(
        Meaning::Weather(Weather::Snow),
        "snow, snowy, snowing, snowfall, blizzard, snowflake, snowstorm, falling snow, heavy snow",
        "雪 下雪 飘雪 大雪 雪花 暴风雪 雪中 雪天 风雪 飞雪 雪景",
    ),
    plain(
        Meaning::Weather(Weather::Fog),
        "fog, foggy, mist, misty, haze, hazy, smog, low cloud",
        "雾 大雾 薄雾 迷雾 雾气 云雾 晨雾 雾霭 朦胧 仙境 云海 烟雨",
    ),
    plain(
        Meaning::Weather(Weather::Cloudy),
        "cloud, cloudy, overcast, grey sky, gray sky, gloomy sky",
        "云 多云 阴天 乌云 白云 云朵",
    ),
    plain(
        Meaning::Weather(Weather::Clear),
        "clear sky, clear, cloudless, sunny, blue sky, clear night",
        "晴朗 晴天 晴空 万里无云 无云 蓝天",
    ),
    plain(
        Meaning::Weather(Weather::Wind),
        "wind, windy, breeze, breezy, gale, gust",
        "风 微风 大风 狂风 清风 春风 秋风",
    ),
    hint(
        Meaning::Weather(Weather::Snow),
        "christmas, santa, skiing, sled",
        "圣诞 圣诞节 滑雪",
    ),
    hint(Meaning::Weather(Weather::Clear), "rainbow", "彩虹"),
];

pub(super) const SEASONS: &[Entry] = &[
    plain(
        Meaning::Season(Season::Spring),
        "spring, springtime, cherry blossom, sakura, blossom, peach blossom, plum blossom, april",
        "春 春天 春日 樱花 桃花 梅花 春季 杏花 梨花 阳春 春风 春雨",
    ),
    plain(
        Meaning::Season(Season::Summer),
        "summer, summertime, july, midsummer, tropical",
        "夏 夏天 夏日 夏季 盛夏 热带 夏夜",
    ),
    plain(
        Meaning::Season(Season::Autumn),
        "autumn, fall foliage, autumnal, maple, october, autumn leaf, fall leaf, fall color, fall colour, falling leaf, red leaf, pumpkin, ginkgo",
        "秋 秋天 秋日 秋季 枫叶 红叶 落叶 银杏 金秋 深秋 秋风 枫林",
    ),
    plain(
        Meaning::Season(Season::Winter),
        "winter, wintry, frost, frosty, frozen, icy, december, january, christmas, snow covered, snow capped",
        "冬 冬天 冬日 冬季 寒冬 结冰 冰封 圣诞 圣诞节 白雪皑皑 冰雪",
    ),
];

pub(super) const AIRS: &[Entry] = &[
    plain(
        Meaning::Air(Air::Leaves),
        "leaf, autumn leaf, fall leaf, falling leaf, foliage, maple, red leaf",
        "落叶 树叶 枫叶 红叶 ",
    ),
    plain(
        Meaning::Air(Air::Petals),
        "petal, cherry blossom, sakura, blossom, peach blossom, plum blossom, confetti",
        "花瓣 樱花 桃花 梅花 落花 桃花瓣",
    ),
    plain(
        Meaning::Air(Air::Embers),
        "ember, spark, fire, campfire, bonfire, flame, burning, lava, volcano, forge, firework, inferno",
        "火花 火焰 篝火 余烬 火 燃烧 烟花 熔岩 烈火 火星四溅",
    ),
    plain(
        Meaning::Air(Air::Fireflies),
        "firefly, fairy, magic, magical, pixie, enchanted, glowing particle, fairy dust, fairy light",
        "萤火虫 精灵 魔法 仙女 光点 魔幻 奇幻",
    ),
    plain(
        Meaning::Air(Air::Dust),
        "dust, dusty, sandstorm, pollen, dandelion, sunbeam, light beam",
        "尘埃 灰尘 沙尘 沙尘暴 蒲公英 尘土 光束",
    ),
    plain(
        Meaning::Air(Air::Bubbles),
        "bubble, soap bubble, foam",
        "气泡 泡泡 肥皂泡",
    ),
];

/// What a colour may be said of besides the hour and the clouds.
pub(super) const HEAVENS: &[Entry] = &[plain(
    Meaning::Sky,
    "sky, light, glow, horizon, heaven",
    "天空 光 光芒 天际 霞",
)];
