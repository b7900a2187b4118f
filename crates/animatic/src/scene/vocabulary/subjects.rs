//! Words for who or what moves through the scene.

use super::{Entry, Meaning, hint, plain};
use crate::scene::Subject;

const fn one(subject: Subject, english: &'static str, chinese: &'static str) -> Entry {
    plain(Meaning::Subject(subject), english, chinese)
}

const fn maybe(subject: Subject, english: &'static str, chinese: &'static str) -> Entry {
    hint(Meaning::Subject(subject), english, chinese)
}

pub(super) const BEASTS: &[Entry] = &[
    one(
        Subject::Cat,
        "cat, kitten, kitty, tabby, feline, siamese",
        "猫 小猫 猫咪 橘猫 黑猫 白猫 喵星人",
    ),
    one(
        Subject::Dog,
        "dog, puppy, corgi, retriever, golden retriever, husky, labrador, poodle, dachshund, terrier, shiba, wolf, coyote, hound, shepherd dog, border collie",
        "狗 小狗 狗狗 柯基 金毛 哈士奇 柴犬 犬 狼 黑狗 白狗",
    ),
    one(Subject::Fox, "fox, red fox, arctic fox", "狐狸 小狐狸 九尾狐"),
    one(Subject::Lion, "lion, lioness, lion king", "狮子 雄狮 狮"),
    one(
        Subject::Tiger,
        "tiger, leopard, panther, cheetah, jaguar, puma, snow leopard, lynx",
        "老虎 虎 豹 猎豹 豹子 雪豹",
    ),
    one(
        Subject::Horse,
        "horse, pony, stallion, mare, unicorn, zebra, donkey, mustang, camel, cow, bull, yak, cowboy, buffalo",
        "马 白马 黑马 骏马 独角兽 斑马 驴 骆驼 牛 奶牛 牦牛 战马 马匹",
    ),
    one(
        Subject::Deer,
        "deer, stag, fawn, elk, moose, reindeer, antelope, gazelle, goat",
        "鹿 小鹿 梅花鹿 驯鹿 麋鹿 羚羊 山羊",
    ),
    one(
        Subject::Elephant,
        "elephant, mammoth, rhino, hippo",
        "大象 小象 象群 猛犸 犀牛",
    ),
    one(
        Subject::Bear,
        "bear, grizzly, polar bear, teddy bear, cub",
        "熊 北极熊 棕熊 小熊",
    ),
    one(Subject::Panda, "panda, giant panda", "熊猫 大熊猫 国宝"),
    one(
        Subject::Rabbit,
        "rabbit, bunny, hare, squirrel, mouse, hamster",
        "兔子 小兔子 兔 松鼠 仓鼠 老鼠 白兔 玉兔",
    ),
    plain(
        Meaning::Animals,
        "animal, wildlife, beast, creature",
        "动物 野生动物 野兽 小动物",
    ),
];

pub(super) const PEOPLE: &[Entry] = &[
    one(
        Subject::Walker,
        "man, woman, person, hiker, traveler, traveller, wanderer, runner, knight, samurai, warrior, monk, farmer, soldier, king, queen, prince, princess, wizard, witch, explorer, fisherman, businessman, lady, gentleman, old man, old woman, grandmother, grandfather, teacher, doctor, chef, pedestrian, photographer, cowboy, pirate, superhero, hero, detective, jogger, student, worker, artist, musician, backpacker, climber, skier, surfer, nurse, model",
        "男人 女人 女子 男子 老人 行人 旅人 骑士 武士 战士 僧人 侠客 剑客 少女 少年 女孩 姑娘 公主 王子 农夫 渔夫 女士 先生 美女 老奶奶 老爷爷 爷爷 奶奶 学生 书生 侠女 仙女 旅行者 背包客 登山者 厨师 医生",
    ),
    one(
        Subject::Child,
        "child, children, kid, boy, girl, toddler, baby, little boy, little girl, schoolboy, schoolgirl",
        "孩子 小孩 儿童 男孩 小男孩 小女孩 宝宝 孩童 婴儿 小朋友",
    ),
    one(
        Subject::Couple,
        "couple, lover, bride and groom, newlyweds, two people, husband and wife, bride, man and woman, mother and child, father and son, friends",
        "情侣 恋人 夫妻 新郎新娘 两个人 新娘 母子 父子 一对 朋友",
    ),
    one(
        Subject::Dancer,
        "dancer, ballerina, dancing, ballet, dance",
        "舞者 芭蕾 跳舞 舞蹈 舞女 起舞",
    ),
    one(
        Subject::Astronaut,
        "astronaut, cosmonaut, spaceman, space suit, spacesuit",
        "宇航员 航天员 太空人",
    ),
    one(
        Subject::Robot,
        "robot, android, cyborg, mech, droid, humanoid",
        "机器人 机甲 机械人",
    ),
    maybe(
        Subject::Walker,
        "people, someone, human, he, she, crowd, figure, silhouette",
        "人 人物 人们 人群 有人 他 她 身影",
    ),
];

pub(super) const FLYERS: &[Entry] = &[
    one(
        Subject::Birds,
        "bird, eagle, seagull, gull, crow, raven, crane, goose, geese, hawk, dove, pigeon, parrot, sparrow, swallow, flock, falcon, heron, phoenix, penguin, flamingo, swan, duck, peacock, bat, flock of birds",
        "鸟 小鸟 鸟儿 飞鸟 海鸥 老鹰 鹰 乌鸦 仙鹤 鹤 大雁 鸽子 燕子 鹦鹉 麻雀 凤凰 企鹅 天鹅 鸭子 孔雀 白鹭 白鸽",
    ),
    one(
        Subject::Owl,
        "owl, barn owl, snowy owl, eagle owl",
        "猫头鹰 雪鸮 雕鸮 夜枭",
    ),
    one(
        Subject::Butterfly,
        "butterfly, dragonfly, bee, moth, fairy, ladybug, bumblebee, hummingbird, pixie",
        "蝴蝶 蜻蜓 蜜蜂 蛾 仙子 蜂鸟",
    ),
    one(
        Subject::Dragon,
        "dragon, wyvern, chinese dragon, pterodactyl",
        "龙 巨龙 神龙 飞龙 中国龙 青龙",
    ),
    one(
        Subject::Plane,
        "plane, airplane, aeroplane, aircraft, jet, biplane, glider, airliner, jumbo jet, drone, paper plane",
        "飞机 客机 战斗机 滑翔机 纸飞机",
    ),
    one(
        Subject::Rocket,
        "rocket, spaceship, spacecraft, shuttle, space shuttle, starship, star ship, satellite, ufo, missile, space ship",
        "火箭 太空船 飞船 宇宙飞船 航天飞机 卫星 飞碟",
    ),
    one(
        Subject::Balloon,
        "balloon, hot air balloon, airship, zeppelin, blimp, kite",
        "气球 热气球 飞艇 风筝",
    ),
    one(
        Subject::Lantern,
        "lantern, sky lantern, paper lantern, floating lantern, lantern festival",
        "灯笼 孔明灯 天灯 元宵 花灯 河灯 灯会",
    ),
];

pub(super) const CRAFTS: &[Entry] = &[
    one(
        Subject::Boat,
        "boat, ship, sailboat, yacht, canoe, vessel, kayak, rowboat, sailing boat, sailing ship, fishing boat, gondola, raft, sailing, sail, ferry, pirate ship, cruise ship",
        "船 小船 帆船 轮船 渔船 小舟 竹筏 乌篷船 游艇 扁舟 舟 邮轮",
    ),
    one(
        Subject::Car,
        "car, truck, taxi, vehicle, automobile, sports car, bus, van, convertible, suv, sedan, race car, pickup, jeep, classic car, traffic, racing car, motorcycle, motorbike, scooter, tractor",
        "汽车 车 轿车 跑车 卡车 出租车 公交车 赛车 小汽车 老爷车 摩托车 越野车 拖拉机",
    ),
    one(
        Subject::Train,
        "train, locomotive, railway, steam train, tram, subway train, railroad, bullet train, metro, high speed train",
        "火车 列车 高铁 动车 地铁 蒸汽火车 电车 有轨电车 绿皮火车",
    ),
    one(
        Subject::Bicycle,
        "bicycle, bike, cyclist, cycling, biking, riding a bike, riding a bicycle",
        "自行车 单车 骑车 骑行 骑自行车 脚踏车",
    ),
    one(
        Subject::Fish,
        "fish, goldfish, koi, shoal, clownfish, school of fish, salmon, shark, tuna, seahorse, manta ray, mermaid, diver",
        "鱼 小鱼 金鱼 锦鲤 鱼群 鲨鱼 小丑鱼 美人鱼 潜水员",
    ),
    one(
        Subject::Whale,
        "whale, dolphin, orca, humpback, blue whale, submarine, sea turtle, turtle",
        "鲸鱼 鲸 海豚 蓝鲸 虎鲸 座头鲸 潜艇 海龟 乌龟",
    ),
    one(
        Subject::Jellyfish,
        "jellyfish, octopus, squid, medusa",
        "水母 章鱼 乌贼",
    ),
];

pub(super) const STANDING: &[Entry] = &[
    one(Subject::Lighthouse, "lighthouse, beacon", "灯塔"),
    one(
        Subject::Fire,
        "campfire, bonfire, camp fire, fire pit",
        "篝火 营火 火堆",
    ),
    one(
        Subject::Product,
        "product, perfume, bottle, watch, smartphone, phone, sneaker, shoe, cosmetic, lipstick, jewelry, jewellery, ring, headphone, vintage camera, photo camera, handbag, vase, laptop, sculpture, statue, crystal, diamond, gadget, sunglass, perfume bottle, skincare, cream, wine, trophy, gem",
        "产品 商品 香水 瓶子 手表 手机 鞋子 口红 化妆品 珠宝 戒指 耳机 相机 包包 花瓶 雕塑 水晶 钻石 护肤品 运动鞋 笔记本电脑",
    ),
    one(
        Subject::Cup,
        "coffee, tea, cup, mug, soup, ramen, noodle, food, cake, bread, dessert, meal, dish, bowl, pizza, burger, sushi, cocktail, chocolate, fruit, ice cream, breakfast, dinner, steak, dumpling, latte, drink, espresso, pasta, hamburger, hotpot, hot pot, teapot, rice bowl",
        "咖啡 茶 杯子 茶杯 面条 拉面 食物 美食 蛋糕 面包 甜点 披萨 汉堡 寿司 火锅 饺子 水果 冰淇淋 早餐 奶茶 牛排 一碗 热茶 巧克力 月饼",
    ),
    maybe(
        Subject::House,
        "house, cottage, cabin, hut, barn, castle, temple, church, pagoda, farmhouse, windmill, palace, shrine, treehouse, home, mansion, tent, igloo",
        "房子 小屋 木屋 城堡 寺庙 教堂 宝塔 宫殿 古堡 小木屋 回家 别墅 帐篷 故宫 亭子",
    ),
    maybe(
        Subject::Tree,
        "tree, oak, cherry tree, willow, maple tree, baobab, bonsai, palm tree, lone tree, christmas tree, old tree",
        "树 大树 古树 老树 樱花树 柳树 枫树 榕树 孤树 圣诞树",
    ),
    maybe(
        Subject::Flower,
        "flower, rose, tulip, sunflower, lotus, orchid, daisy, lily, poppy, peony, dandelion, blooming, bloom, bouquet",
        "花 花朵 玫瑰 郁金香 向日葵 荷花 莲花 兰花 雏菊 百合 牡丹 蒲公英 鲜花 盛开 花开",
    ),
    one(
        Subject::Orb,
        "orb, sphere, glowing orb, ball of light, glowing sphere",
        "光球 球体 发光球",
    ),
    maybe(Subject::Orb, "abstract, particle, energy", "抽象 粒子 能量"),
];
