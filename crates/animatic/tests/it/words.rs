//! What a prompt's words mean for the scene, in tables: prompt and expectation.

use animatic::outline;

/// Seeds that every line is read with, because what a prompt names must not depend on chance.
const SEEDS: u64 = 5;

fn check(table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (prompt, expected) in table {
        let (prompt, negative) = prompt.split_once(" | ").unwrap_or((prompt, ""));
        for seed in 0..SEEDS {
            let outline = outline(prompt, negative, seed);
            for want in expected.split_whitespace() {
                let (kind, value) = want.split_once('=').expect("an expectation is kind=value");
                let (kind, refused) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
                let found = &outline
                    .iter()
                    .find(|(own, _)| *own == kind)
                    .expect("a known kind")
                    .1;
                if (found == value) == refused {
                    wrong.push(format!(
                        "`{prompt}` without `{negative}`, seed {seed}: wanted {want}, found {found}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn english_words_name_places() {
    check(&[
        ("waves on the ocean", "place=sea"),
        ("a quiet beach", "place=sea mood=calm"),
        ("fishing harbors", "place=sea"),
        ("a mountain lake", "place=lake"),
        ("a lake in the mountains", "place=lake"),
        ("the river bank", "place=lake"),
        ("underwater ruins", "place=underwater"),
        ("a coral reef", "place=underwater"),
        ("under the sea", "place=underwater"),
        ("deep in the woods", "place=forest"),
        ("a rain forest", "place=forest weather!=rain"),
        ("bamboo", "place=forest"),
        ("Tokyo street", "place=city"),
        ("New York skyline", "place=city"),
        ("cities", "place=city"),
        ("sand dunes", "place=desert"),
        ("the surface of Mars", "place=desert"),
        ("a distant galaxy", "place=space hour=night"),
        ("planets and nebulae in outer space", "place=space"),
        ("snow capped alps", "place=mountains"),
        ("Mount Fuji", "place=mountains"),
        ("a flower field", "place=meadow"),
        ("a sunny garden", "place=meadow hour=day"),
        ("antarctic ice", "place=snowfield"),
        ("an old farm", "place=village"),
        ("windmills", "place=village"),
        ("a cozy living room", "place=interior light=warm"),
        ("an old library", "place=interior"),
        ("perfume on a pedestal", "place=studio subject=product"),
        ("a bottle, studio lighting", "place=studio subject=product"),
        ("flowing colour, abstract", "place=ribbons"),
        ("qwertz uiop", "place=ribbons subject=orb"),
        ("", "place=ribbons"),
    ]);
}

#[test]
fn english_words_name_skies_lights_and_moods() {
    check(&[
        ("sunrise over hills", "hour=dawn place=mountains"),
        ("early morning fog", "hour=dawn weather=fog"),
        ("at noon", "hour=day"),
        ("golden hour in the desert", "hour=sunset place=desert"),
        ("blue hour", "hour=dusk"),
        ("a starry night", "hour=night"),
        ("full moon above the sea", "hour=night place=sea"),
        ("a rainy day", "weather=rain hour=day"),
        ("thunderstorm", "weather=storm"),
        ("snowflakes", "weather=snow"),
        ("misty valley", "weather=fog place=mountains"),
        ("a windy meadow", "weather=wind place=meadow"),
        ("clear sky", "weather=clear"),
        ("cherry blossoms", "season=spring air=petals"),
        ("autumn forest", "season=autumn air=leaves place=forest"),
        ("winter", "season=winter place=snowfield"),
        ("midsummer", "season=summer"),
        ("neon city at night", "light=neon hour=night place=city"),
        ("god rays in a forest", "light=rays place=forest"),
        ("backlit dancer", "light=backlit subject=dancer"),
        ("aurora borealis", "light=aurora hour=night place=snowfield"),
        ("black and white street", "tone=grey place=city"),
        ("vintage car", "tone=sepia subject=car"),
        ("pastel watercolor of a village", "tone=pastel place=village"),
        ("vibrant colors", "tone=vivid"),
        ("ink wash painting of mountains", "tone=ink place=mountains"),
        ("an eerie forest", "mood=dark place=forest"),
        ("epic mountains", "mood=epic"),
        ("a lonely lighthouse", "mood=sad subject=lighthouse place=sea"),
        ("slow motion horse", "pace=slow subject=horse"),
        ("a horse galloping", "pace=fast subject=horse"),
        ("a sleeping cat", "pace=still subject=cat"),
        ("sparks from a campfire", "air=embers"),
        ("fireflies in the garden", "air=fireflies place=meadow hour=night"),
        ("soap bubbles", "air=bubbles"),
    ]);
}

#[test]
fn english_words_name_subjects() {
    check(&[
        (
            "A small kitten running through a sunny garden",
            "subject=cat place=meadow hour=day pace=fast",
        ),
        ("puppies", "subject=dog place=meadow"),
        ("wolves in the snow", "subject=dog weather=snow"),
        ("a red fox", "subject=fox place=forest"),
        ("the lion's mane", "subject=lion"),
        ("a snow leopard", "subject=tiger"),
        ("reindeer", "subject=deer"),
        ("elephants", "subject=elephant"),
        ("a polar bear", "subject=bear place=snowfield"),
        ("giant pandas eating bamboo", "subject=panda place=forest"),
        ("bunnies", "subject=rabbit"),
        ("an old man walking", "subject=walker"),
        ("a little girl with a kite", "subject=child"),
        ("a couple on the beach", "subject=couple place=sea"),
        ("a ballerina", "subject=dancer place=studio"),
        ("an astronaut", "subject=astronaut place=space"),
        ("a woman in outer space", "subject=astronaut place=space"),
        ("robots in a city", "subject=robot place=city"),
        ("a flock of birds", "subject=birds"),
        ("butterflies", "subject=butterfly place=meadow"),
        ("a dragon", "subject=dragon"),
        ("an airplane", "subject=plane"),
        ("space shuttle", "subject=rocket place=space"),
        ("hot air balloons", "subject=balloon place=mountains"),
        ("paper lanterns", "subject=lantern hour=night"),
        ("a sailboat", "subject=boat place=sea"),
        ("sports cars", "subject=car place=city"),
        ("a steam train", "subject=train"),
        ("cycling", "subject=bicycle"),
        ("a school of fish", "subject=fish place=underwater"),
        ("a humpback", "subject=whale place=underwater"),
        ("jellyfish", "subject=jellyfish place=underwater"),
        ("a cup of coffee", "subject=cup"),
        ("a lone tree", "subject=tree"),
        ("sunflowers", "subject=flower place=meadow"),
        ("a girl under a tree with flowers", "subject=child"),
    ]);
}

#[test]
fn chinese_words_name_places_skies_and_moods() {
    check(&[
        ("海边的日落", "place=sea hour=sunset"),
        ("大海上的暴风雨", "place=sea weather=storm"),
        ("清晨的湖面", "place=lake hour=dawn"),
        ("海底世界", "place=underwater"),
        ("茂密的竹林", "place=forest"),
        ("繁华的城市夜景", "place=city hour=night"),
        ("东京街头霓虹灯", "place=city light=neon"),
        ("撒哈拉沙漠", "place=desert"),
        ("浩瀚的宇宙星云", "place=space"),
        ("雪山之巅", "place=mountains"),
        ("春天的花园", "place=meadow season=spring air=petals"),
        ("北极的极光", "place=snowfield light=aurora hour=night"),
        ("宁静的小村庄", "place=village mood=calm"),
        ("温馨的客厅", "place=interior light=warm"),
        ("白色背景的香水", "place=studio subject=product"),
        ("抽象的流体", "place=ribbons"),
        ("雨夜", "weather=rain"),
        ("飘雪的森林", "weather=snow place=forest"),
        ("大雾弥漫的山谷", "weather=fog place=mountains"),
        ("秋天的落叶", "season=autumn air=leaves"),
        ("冬天", "season=winter"),
        ("黑白电影", "tone=grey"),
        ("水墨山水画", "tone=ink"),
        ("赛博朋克", "light=neon place=city"),
        ("史诗般的战士", "mood=epic subject=walker"),
        ("恐怖的古堡", "mood=dark subject=house"),
        ("樱花飘落", "season=spring air=petals"),
    ]);
}

#[test]
fn chinese_words_name_subjects() {
    check(&[
        ("一只橘猫在花园里奔跑", "subject=cat place=meadow pace=fast"),
        ("小狗在草地上", "subject=dog place=meadow"),
        ("一匹骏马在草原上飞奔", "subject=horse pace=fast"),
        ("大熊猫吃竹子", "subject=panda place=forest"),
        ("一头大象", "subject=elephant"),
        ("森林里的小鹿", "subject=deer place=forest"),
        ("雪地里的兔子", "subject=rabbit place=snowfield"),
        ("一个女孩在海边散步", "subject=walker place=sea pace=slow"),
        ("小男孩放风筝", "subject=child"),
        ("情侣在巴黎街头", "subject=couple place=city"),
        ("宇航员在月球上", "subject=astronaut place=space"),
        ("未来城市的机器人", "subject=robot place=city"),
        ("巨龙在云海中飞翔", "subject=dragon weather=fog"),
        ("蝴蝶", "subject=butterfly place=meadow"),
        ("仙鹤", "subject=birds"),
        ("湖上的一只小船", "subject=boat place=lake"),
        ("热气球", "subject=balloon place=mountains"),
        ("火车穿过田野", "subject=train place=meadow"),
        ("红色跑车", "subject=car pace=usual"),
        ("骑自行车", "subject=bicycle"),
        ("鲸鱼", "subject=whale place=underwater"),
        ("锦鲤", "subject=fish"),
        ("一杯热茶", "subject=cup"),
        ("孔明灯", "subject=lantern hour=night"),
        ("雪夜裡的貓", "subject=cat weather=snow"),
        ("a cat 在海边", "subject=cat place=sea"),
    ]);
}

#[test]
fn things_of_a_place_are_there_if_they_are_named() {
    check(&[
        ("a volcano", "sights=volcano place=mountains subject=nobody"),
        ("lava and smoke", "sights=volcano"),
        ("a volcano on an island in the sea", "sights=volcano place=sea"),
        (
            "a waterfall in the jungle",
            "sights=waterfall,jungle place=forest",
        ),
        ("a brook in a bamboo grove", "sights=brook,bamboo place=forest"),
        ("a creek through a meadow", "sights=brook place=meadow"),
        ("a ringed planet", "sights=rings place=space"),
        ("Saturn", "sights=rings place=space"),
        ("a planet", "sights=none place=space"),
        ("mountains without a volcano", "sights=none place=mountains"),
        ("a jungle | waterfall", "sights=jungle place=forest"),
        (
            "a waterfall in the jungle | waterfalls",
            "sights=jungle place=forest",
        ),
        ("火山", "sights=volcano place=mountains"),
        ("丛林里的瀑布", "sights=jungle,waterfall place=forest"),
        (
            "竹林里的小溪，鸟鸣",
            "sights=bamboo,brook place=forest subject=nobody",
        ),
        ("土星的光环", "sights=rings place=space"),
        ("没有火山的高山", "sights=none place=mountains"),
    ]);
}

#[test]
fn plurals_and_numbers_say_how_many() {
    check(&[
        ("a balloon", "count=1 subject=balloon"),
        ("two boats on a lake", "count=2 subject=boat"),
        ("a pair of horses", "count=2 subject=horse"),
        ("three red cars", "count=3 subject=car"),
        ("a herd of elephants", "count=5 subject=elephant"),
        ("a bird", "count=1 subject=birds"),
        ("a flock of birds", "count=5 subject=birds"),
        ("birds", "count=usual subject=birds"),
        ("butterflies", "count!=1 count!=usual subject=butterfly"),
        ("a field with horses", "count!=1 count!=usual subject=horse"),
        ("a forest with tall trees", "subject=nobody"),
        ("a village with houses", "subject=nobody"),
        ("a lone tree in a forest", "subject=tree"),
        ("三只小猫", "count=3 subject=cat"),
        ("两条小船", "count=2 subject=boat"),
        ("一群大象", "count=5 subject=elephant"),
        ("一只小船", "count=1 subject=boat"),
        ("小船", "count=usual subject=boat"),
    ]);
}

#[test]
fn an_owl_is_no_flock() {
    check(&[
        ("an owl flies over a forest", "subject=owl count=1 place=forest"),
        ("a snowy owl", "subject=owl"),
        ("猫头鹰", "subject=owl place=forest"),
        ("a forest | owls", "subject!=owl"),
    ]);
}

#[test]
fn a_place_without_a_subject_stays_empty_but_for_what_is_far_away() {
    let places = "sea lake forest city desert mountains meadow glacier village room underwater space";
    for (place, seed) in places
        .split_whitespace()
        .flat_map(|place| (0..30).map(move |seed| (place, seed)))
    {
        let outline = outline(place, "", seed);
        let value = |kind: &str| {
            outline
                .iter()
                .find(|(own, _)| *own == kind)
                .expect("a known kind")
                .1
                .as_str()
        };
        assert_eq!(value("subject"), "nobody", "{place}, seed {seed}");
        let company = value("company");
        assert!(
            ["nobody", "birds", "boat", "car"].contains(&company),
            "{place}: {company}"
        );
    }
    check(&[
        ("a city", "company=car"),
        ("a city | cars", "company=nobody"),
        ("the sea | boats, birds", "company=nobody"),
        ("mountains by day | animals", "company=nobody"),
        ("没有车的城市", "company=nobody"),
        ("a dog in a city", "company=nobody subject=dog"),
        ("fish in the sea", "place=underwater subject=fish"),
    ]);
}

#[test]
fn what_is_negated_stays_out() {
    check(&[
        ("a street, no rain", "weather!=rain weather!=storm place=city"),
        ("a city without people", "subject!=walker place=city"),
        (
            "a city without any people or cars",
            "subject!=walker subject!=car",
        ),
        ("not at night, a lake", "hour!=night place=lake"),
        ("a beach with no boats, a dog", "subject=dog place=sea"),
        ("a road not far from the sea", "place=city"),
        ("no people. a bicycle", "subject=bicycle"),
        (
            "a horse | rain, snow, night, people",
            "weather!=rain weather!=snow hour!=night subject=horse",
        ),
        ("a forest by the sea | woods", "place=sea"),
        (
            "a meadow | animals",
            "subject!=butterfly subject!=horse subject!=birds",
        ),
        ("the sea | boats, birds, lighthouse", "subject=nobody place=sea"),
        ("evening | dark, night", "hour=dusk"),
        ("autumn forest | leaves", "air!=leaves"),
        ("underwater | bubbles", "air!=bubbles"),
        ("a strange thing | abstract", "place!=ribbons"),
        ("没有下雨的城市", "weather!=rain place=city"),
        ("空无一人的街道", "subject!=walker place=city"),
        ("不要雪和雾，高山", "weather!=snow weather!=fog place=mountains"),
        ("无云的蓝天", "weather=clear"),
        ("沒有船的海", "subject!=boat place=sea"),
        ("海 | 船、鸟、灯塔", "subject=nobody"),
        ("一只猫 | 模糊，低质量，夜晚", "subject=cat hour!=night"),
        ("无人机视角的草原", "place=meadow"),
        ("特别美的山", "place=mountains"),
    ]);
}

#[test]
fn chance_never_picks_what_is_struck() {
    for seed in 0..200 {
        let outline = outline("a place", "night, dusk, cloud, abstract, orb", seed);
        for (kind, value) in &outline {
            let struck = ["night", "dusk", "cloudy", "ribbons", "orb"].contains(&value.as_str());
            assert!(!struck, "seed {seed} picked {kind}={value}");
        }
    }
}

#[test]
fn endless_prompts_are_read_quickly() {
    let long = "a cat without rain 没有雨的城市 ".repeat(2000);
    let outline = outline(&long, &long, 1);
    assert_eq!(outline.len(), 13);
}
