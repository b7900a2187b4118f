//! Words for places.

use super::{Entry, Meaning, hint, plain};
use crate::scene::{Ground, Sight};

const fn place(ground: Ground, english: &'static str, chinese: &'static str) -> Entry {
    plain(Meaning::Ground(ground), english, chinese)
}

const fn near(ground: Ground, english: &'static str, chinese: &'static str) -> Entry {
    hint(Meaning::Ground(ground), english, chinese)
}

pub(super) const PLACES: &[Entry] = &[
    place(
        Ground::Sea,
        "sea, ocean, beach, coast, shore, seashore, seaside, harbor, harbour, island, bay, surf, lagoon, gulf, atlantic, pacific, mediterranean, caribbean, hawaii, port, marina, pier, coastline, sea cliff, open water",
        "海 大海 海洋 海边 海滩 沙滩 海浪 海岸 港口 海港 岛 岛屿 海岛 海湾 码头 海面 海上 太平洋 大西洋 汪洋 浪花",
    ),
    place(
        Ground::Lake,
        "lake, river, pond, reservoir, riverbank, lakeside, lakeshore, canal, wetland, swamp, marsh, fjord, mountain lake, alpine lake, forest lake, mirror lake, west lake, yangtze, river bank",
        "湖 湖泊 高山湖泊 山间湖泊 湖边 湖面 湖水 河 河流 河边 江 江边 江南 池塘 水乡 西湖 长江 黄河 河畔 湖畔 湿地",
    ),
    place(
        Ground::Underwater,
        "underwater, under water, under the sea, under the ocean, coral, coral reef, reef, deep sea, deep ocean, seabed, ocean floor, aquarium, seaweed, kelp, undersea, sea floor, beneath the waves, bottom of the sea, diving, scuba",
        "水下 海底 水底 珊瑚 珊瑚礁 深海 海草 水族馆 潜水 海底世界",
    ),
    place(
        Ground::Forest,
        "forest, wood, woodland, jungle, grove, rainforest, rain forest, taiga, bamboo, bamboo forest, bamboo grove, redwood, tropical forest, orchard, thicket, deep wood, enchanted forest, pine forest",
        "森林 树林 丛林 林间 雨林 热带雨林 竹林 林中 松林 密林 山林 竹子 翠竹 竹海 竹 桦树林",
    ),
    place(
        Ground::City,
        "city, skyline, town square, downtown, tokyo, london, paris, new york, manhattan, shanghai, hong kong, beijing, shenzhen, chongqing, dubai, skyscraper, urban, cyberpunk, rooftop, metropolis, cityscape, street, avenue, alley, road, highway, traffic, crosswalk, sidewalk, city street, boulevard, chinatown, times square, night market, megacity",
        "城市 都市 街道 街头 大街 街 上海 北京 香港 东京 纽约 巴黎 伦敦 重庆 深圳 广州 高楼 摩天大楼 天际线 马路 公路 赛博朋克 夜市 屋顶 路口 小巷 巷子 街上 车流",
    ),
    place(
        Ground::Desert,
        "desert, dune, sahara, gobi, canyon, mars, wasteland, oasis, savanna, savannah, badland, mesa, sandstorm, arid, outback, grand canyon, wild west, sand dune, martian",
        "沙漠 沙丘 戈壁 荒漠 火星 绿洲 峡谷 大峡谷 撒哈拉 大漠 敦煌 荒原 非洲草原",
    ),
    place(
        Ground::Space,
        "space, outer space, galaxy, planet, ringed planet, nebula, cosmo, cosmos, cosmic, orbit, universe, asteroid, milky way, black hole, solar system, saturn, jupiter, moon surface, lunar, deep space, stars and planets, interstellar, supernova, constellation, wormhole",
        "太空 宇宙 星系 星球 行星 带环行星 星云 银河 银河系 黑洞 太阳系 星际 外太空 月球 土星 木星 小行星 星空深处",
    ),
    place(
        Ground::Mountains,
        "mountain, alp, peak, summit, hill, valley, ridge, himalaya, highland, everest, mount fuji, fuji, rocky mountain, andes, huangshan, mountain range, mountain top, cliff, plateau, tibet, terraced field",
        "山 高山 山峰 山脉 群山 雪山 山谷 山顶 峰 富士山 黄山 喜马拉雅 珠穆朗玛 泰山 悬崖 山间 远山 高原 西藏 梯田 山水",
    ),
    place(
        Ground::Meadow,
        "meadow, garden, field, grass, grassland, park, lawn, prairie, backyard, pasture, steppe, flower field, wildflower, lavender, lavender field, sunflower field, tulip field, playground, yard, rice field, wheat field, plain, picnic, glade",
        "草地 草原 花园 花田 田野 公园 草坪 花海 牧场 庭院 院子 原野 麦田 油菜花 薰衣草 薰衣草田 稻田 后院 操场 花丛 大草原",
    ),
    place(
        Ground::Snowfield,
        "arctic, antarctica, antarctic, north pole, south pole, tundra, glacier, iceberg, snowfield, snow field, ice field, polar, igloo, siberia, greenland, iceland, lapland, frozen lake, ice sheet, ski slope, ski resort, winter wonderland",
        "雪地 雪原 北极 南极 冰川 冰原 冰山 极地 冰天雪地 冻原 冰岛 冰湖 滑雪场 雪场",
    ),
    place(
        Ground::Village,
        "village, farm, countryside, rural, barn, hamlet, town, small town, cottage, farmhouse, old town, farmland, vineyard, ranch, windmill, fishing village, homestead, ancient town, tuscany, provence",
        "村庄 乡村 农场 村子 小镇 古镇 农村 山村 田园 乡间 农舍 渔村 村落 风车 古城 小村庄",
    ),
    place(
        Ground::Interior,
        "interior, indoor, indoors, room, living room, bedroom, kitchen, office, library, cafe, café, coffee shop, restaurant, bar, classroom, museum, hall, attic, studio apartment, apartment, workshop, bookstore, bookshop, hotel, hospital, cabin interior, inside, loft, lobby, gallery, bathroom, corridor, castle hall, laboratory, lab, by the window, dining room, windowsill, couch, sofa, armchair, fireplace, desk, bookshelf",
        "室内 房间 客厅 卧室 厨房 办公室 图书馆 咖啡馆 咖啡厅 餐厅 酒吧 教室 博物馆 书房 窗边 窗前 窗台 屋内 屋里 酒店 书店 壁炉 沙发 实验室 走廊 书桌",
    ),
    place(
        Ground::Studio,
        "studio, white background, plain background, studio background, seamless background, backdrop, pedestal, podium, studio light, studio lighting, product shot, black background, gradient background, showcase, tabletop",
        "摄影棚 影棚 纯色背景 白色背景 白底 黑色背景 展台 产品展示 台面 渐变背景 棚拍",
    ),
    place(
        Ground::Ribbons,
        "abstract, ribbon, fluid, swirl, gradient, geometric, fractal, psychedelic, kaleidoscope, abstraction, flowing color, flowing colour, ink in water, liquid, silk, wave pattern, visualizer, generative art, motion graphics",
        "抽象 流体 几何 渐变 分形 万花筒 丝绸 迷幻 水墨流动 光影流动 彩带 丝带",
    ),
    near(Ground::Ribbons, "smoke", ""),
    near(
        Ground::Sea,
        "wave, tide, seagull, sailor, pirate, lighthouse, surfer, surfing, sand, water, palm tree",
        "海鸥 灯塔 帆船 冲浪 水面 椰树 海风",
    ),
    near(
        Ground::Lake,
        "swan, duck, lotus, kayak, canoe, rowboat, heron, reed",
        "天鹅 鸭子 荷花 莲花 小船 小舟 竹筏 乌篷船 芦苇",
    ),
    near(
        Ground::Forest,
        "waterfall, brook, stream, creek, tree, pine, oak, mushroom, fern, leaf, moss, firefly, fairy, owl, woodpecker, treehouse, squirrel",
        "瀑布 小溪 溪流 溪水 溪 山泉 树 松树 蘑菇 树叶 落叶 萤火虫 猫头鹰 松鼠 精灵",
    ),
    near(
        Ground::City,
        "neon, building, taxi, subway, tower, shop, bus stop, commuter, pedestrian, tram",
        "霓虹 霓虹灯 建筑 出租车 地铁 商店 大楼 行人 公交车",
    ),
    near(
        Ground::Desert,
        "camel, cactus, sandy, pyramid, caravan, cowboy",
        "骆驼 仙人掌 金字塔 沙 商队",
    ),
    near(
        Ground::Space,
        "astronaut, spaceship, spacecraft, alien, satellite, ufo, star ship, starship, space station, comet, meteor",
        "宇航员 太空船 飞船 外星人 卫星 空间站 彗星 航天员",
    ),
    near(
        Ground::Mountains,
        "volcano, lava, eruption, hiker, climber, eagle, hot air balloon, monastery, goat",
        "火山 熔岩 岩浆 登山 登山者 老鹰 热气球 寺庙 攀登",
    ),
    near(
        Ground::Meadow,
        "flower, butterfly, bee, picnic blanket, kite, daisy, tulip, poppy, puppy, kitten, rabbit, bunny, lamb, sheep, cow",
        "花 花朵 蝴蝶 蜜蜂 风筝 野花 郁金香 小狗 小猫 兔子 羊 奶牛 鲜花",
    ),
    near(
        Ground::Snowfield,
        "penguin, polar bear, sled, skier, skiing, snowman, aurora, northern light, aurora borealis, snowboard, ice",
        "企鹅 北极熊 雪橇 滑雪 雪人 极光 冰",
    ),
    near(
        Ground::Village,
        "house, tractor, farmer, rooster, chicken, church, wheat, harvest",
        "房子 拖拉机 农民 公鸡 小屋 炊烟 小木屋",
    ),
    near(
        Ground::Interior,
        "bed, table, lamp, candle, book, curtain, piano, violin, guitar, chair, window, reading, cooking, chef, cake",
        "床 桌子 台灯 蜡烛 窗帘 钢琴 椅子 窗户 书 看书 阅读 读书 做饭 厨师 窗",
    ),
    near(
        Ground::Underwater,
        "jellyfish, sea turtle, octopus, mermaid, shark, manta ray, clownfish, seahorse, diver, submarine, goldfish, fish",
        "水母 海龟 章鱼 美人鱼 鲨鱼 小丑鱼 潜水员 潜艇 鱼群 金鱼 锦鲤 鱼",
    ),
];

const fn sight(sight: Sight, english: &'static str, chinese: &'static str) -> Entry {
    plain(Meaning::Sight(sight), english, chinese)
}

/// Things of a place that are there only if they are named.
pub(super) const SIGHTS: &[Entry] = &[
    sight(
        Sight::Volcano,
        "volcano, volcanic, lava, eruption, erupting, magma",
        "火山 熔岩 岩浆 火山口",
    ),
    sight(Sight::Waterfall, "waterfall, cascade", "瀑布 飞瀑"),
    sight(
        Sight::Brook,
        "brook, stream, creek, rivulet, mountain stream",
        "小溪 溪流 溪水 溪 山泉",
    ),
    sight(
        Sight::Bamboo,
        "bamboo, bamboo forest, bamboo grove",
        "竹林 竹子 翠竹 竹海 竹",
    ),
    sight(
        Sight::Jungle,
        "jungle, rainforest, rain forest, tropical forest",
        "丛林 雨林 热带雨林",
    ),
    sight(
        Sight::Rings,
        "ringed planet, ringed, saturn, planetary ring",
        "土星 光环 行星环 带环行星",
    ),
];
