//! The vocabulary: what words mean for a scene, in tables by kind. Reads no prompt.
//!
//! English words stand in the singular, apart by commas; Chinese ones apart by spaces. A word may stand in several
//! tables and means all of it. The longest word wins, so "rain forest" is a forest and no rain.

mod lights;
mod places;
mod skies;
mod subjects;

use super::{Air, Ground, Hour, Light, Mood, Pace, Season, Sight, Subject, Tone, Weather};

/// What a word says about a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    Ground(Ground),
    Hour(Hour),
    Weather(Weather),
    Season(Season),
    Light(Light),
    Tone(Tone),
    /// A colour, as `0xrrggbb`, of the thing that it is said of.
    Colour(u32),
    Mood(Mood),
    Pace(Pace),
    Air(Air),
    Subject(Subject),
    /// A thing of the place.
    Sight(Sight),
    /// The sky, as far as colours may be said of it.
    Sky,
    /// Any animal.
    Animals,
    /// Nothing at all: the word is known so that a part of it is not taken for another.
    Nothing,
}

/// How strongly a word means it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// It names the thing.
    Plain,
    /// It names something that goes with the thing.
    Hint,
}

/// Words of one meaning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(super) means: Meaning,
    pub(super) rank: Rank,
    pub(super) english: &'static str,
    pub(super) chinese: &'static str,
}

/// Every table.
pub(super) const ALL: &[&[Entry]] = &[
    places::PLACES,
    skies::HOURS,
    skies::WEATHERS,
    skies::SEASONS,
    skies::AIRS,
    lights::LIGHTS,
    lights::TONES,
    lights::COLOURS,
    lights::MOODS,
    lights::PACES,
    subjects::BEASTS,
    subjects::PEOPLE,
    subjects::FLYERS,
    subjects::CRAFTS,
    subjects::STANDING,
    places::SIGHTS,
    skies::HEAVENS,
    NOTHING,
];

/// Words that strike the next known word.
pub(super) const NEGATIONS: &[&str] = &[
    "no",
    "not",
    "without",
    "never",
    "non",
    "avoid",
    "except",
    "excluding",
    "没有",
    "沒有",
    "不要",
    "无",
    "無",
    "不含",
    "去掉",
    "别",
    "避免",
    "不是",
    "禁止",
    "没",
];

/// Words by which a negation goes on to the next known word.
pub(super) const LINKS: &[&str] = &["or", "nor", "或", "或者", "和", "、", "与", "及"];

/// Words behind which no colour reaches.
pub(super) const BREAKS: &[&str] = &[
    "on", "in", "into", "over", "under", "at", "with", "by", "of", "through", "across", "above", "below",
    "behind", "near", "before", "against", "along", "beside", "from", "to", "past", "在", "里", "上", "下",
    "中", "旁", "穿过",
];

/// How many there are of the next thing; "some" is [`SOME`].
pub(super) const NUMBERS: &[(u8, &[&str])] = &[
    (1, &["a", "an", "one", "single", "lone", "一", "独"]),
    (
        2,
        &[
            "two",
            "both",
            "pair",
            "twin",
            "twins",
            "couple of",
            "两",
            "二",
            "双",
            "一对",
        ],
    ),
    (3, &["three", "trio", "三"]),
    (4, &["four", "四"]),
    (
        SOME,
        &[
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "some",
            "several",
            "many",
            "few",
            "dozens",
            "hundreds",
            "countless",
            "group",
            "herd",
            "flock",
            "flocks",
            "crowd",
            "fleet",
            "pack",
            "swarm",
            "school",
            "rows",
            "flock of birds",
            "school of fish",
            "五",
            "六",
            "七",
            "八",
            "九",
            "十",
            "几",
            "数",
            "许多",
            "很多",
            "众多",
            "一群",
            "成群",
            "群",
            "一排",
            "鱼群",
            "象群",
            "一些",
        ],
    ),
];
const SOME: u8 = 5;

/// Signs that end a thought, and with it a negation.
pub(super) const STOPS: &str = ".,;:!?。，；：！？\n";

/// Traditional characters whose simplified forms stand in the tables, place by place in [`SIMPLIFIED`].
pub(super) const TRADITIONAL: &str = "貓馬鳥龍車飛機樹風雲霧島灣碼頭邊無沒與叢園農漁間臥廚廳館書畫雙鯨魚龜蝦鐵紅綠藍黃銀銅燈籠燭陽麗夢靜氣溫兒個們戰騎劍俠舊電復懷緩馳寧愛戀熱鬧歡樂開傷獨獸獅貍羅門橋廟東業樓廈場滿處從過還進遠長張歲歷輪爾鵝鴨鴿鷹鷗蘭蓮櫻楓葉銹極凍灘溝澤濕熾煙";
pub(super) const SIMPLIFIED: &str = "猫马鸟龙车飞机树风云雾岛湾码头边无没与丛园农渔间卧厨厅馆书画双鲸鱼龟虾铁红绿蓝黄银铜灯笼烛阳丽梦静气温儿个们战骑剑侠旧电复怀缓驰宁爱恋热闹欢乐开伤独兽狮狸罗门桥庙东业楼厦场满处从过还进远长张岁历轮尔鹅鸭鸽鹰鸥兰莲樱枫叶锈极冻滩沟泽湿炽烟";

/// Words that would be misread in parts.
const NOTHING: &[Entry] = &[plain(
    Meaning::Nothing,
    "slow motion camera, not only, no longer, nothing but, star wars, movie star, fire truck, hot spring, offspring, bird song, bird call",
    "无人机 无限 无比 无数 无尽 无边 无垠 无边无际 无声 特别 别墅 分别 别致 水平 天空 人工 人气 明星 马上 风格 风景 上海 海报 火车站台 花样 高清 日常 马路边 印象 现象 象征 气象 对象 国家 专家 画家 大家 艺术家 科学家 愉快 凉快 赶快 快门 其他 其它 恐龙 龙卷风 沙龙 金属 云南 花纹 画风 作风 机场风 生日 人物肖像画框 粉丝 花粉 白领 黑板 蓝图 红绿灯 网站 牛仔 马克 罗马 风扇 电脑 花费 熊熊 海鲜 山东 山西 河南 河北 湖南 湖北 江苏 不仅 不但 不断 不同 不停 不时 青年 青春 青岛 青铜 青海 两岸 三亚 三峡 鸟鸣 鸟叫 鸟叫声 鸟鸣声",
)];

pub(super) const fn plain(means: Meaning, english: &'static str, chinese: &'static str) -> Entry {
    Entry {
        means,
        rank: Rank::Plain,
        english,
        chinese,
    }
}

pub(super) const fn hint(means: Meaning, english: &'static str, chinese: &'static str) -> Entry {
    Entry {
        means,
        rank: Rank::Hint,
        english,
        chinese,
    }
}

impl Meaning {
    pub(super) fn is_animal(self) -> bool {
        matches!(self, Self::Subject(subject) if subject.is_animal())
    }

    pub(super) fn ground(self) -> Option<Ground> {
        match self {
            Self::Ground(ground) => Some(ground),
            _ => None,
        }
    }

    pub(super) fn hour(self) -> Option<Hour> {
        match self {
            Self::Hour(hour) => Some(hour),
            _ => None,
        }
    }

    pub(super) fn weather(self) -> Option<Weather> {
        match self {
            Self::Weather(weather) => Some(weather),
            _ => None,
        }
    }

    pub(super) fn season(self) -> Option<Season> {
        match self {
            Self::Season(season) => Some(season),
            _ => None,
        }
    }

    pub(super) fn light(self) -> Option<Light> {
        match self {
            Self::Light(light) => Some(light),
            _ => None,
        }
    }

    pub(super) fn tone(self) -> Option<Tone> {
        match self {
            Self::Tone(tone) => Some(tone),
            _ => None,
        }
    }

    pub(super) fn colour(self) -> Option<u32> {
        match self {
            Self::Colour(colour) => Some(colour),
            _ => None,
        }
    }

    pub(super) fn mood(self) -> Option<Mood> {
        match self {
            Self::Mood(mood) => Some(mood),
            _ => None,
        }
    }

    pub(super) fn pace(self) -> Option<Pace> {
        match self {
            Self::Pace(pace) => Some(pace),
            _ => None,
        }
    }

    pub(super) fn air(self) -> Option<Air> {
        match self {
            Self::Air(air) => Some(air),
            _ => None,
        }
    }

    pub(super) fn sight(self) -> Option<Sight> {
        match self {
            Self::Sight(sight) => Some(sight),
            _ => None,
        }
    }

    pub(super) fn subject(self) -> Option<Subject> {
        match self {
            Self::Subject(subject) => Some(subject),
            Self::Animals => Some(Subject::Deer),
            _ => None,
        }
    }
}
