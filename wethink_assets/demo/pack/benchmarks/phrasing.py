"""How a set words its questions, and the Chinese of the items that MMBench CN asks.

Belongs here: wordings by set, translations, and the number in a text. Does not belong here: what is asked and answered
(the scenes' items).

Every item carries a number of its own in its text, so that no benchmark question equals a source's question by the
chance of a shared template: the planted copies are the only ones.
"""

from __future__ import annotations

FRAMES = {
    "MathVista_MINI": "Refer to the figure of test task {n}. {q}",
    "MathVision": "The drawing for contest problem {n} is given. {q} <image1>",
    "MathVerse_MINI_Vision_Only": "Solve exercise {n} from the diagram alone. {q}",
    "DynaMath": "Variant sheet {n} shows a figure. {q}",
    "WeMath": "According to the diagram of lesson {n}, answer this. {q}",
    "LogicVista": "Study the picture of puzzle {n} and reason step by step. {q}",
    "MMBench_TEST_EN_V11": "Look at picture {n} of the test series. {q}",
    "MMBench_TEST_CN_V11": "请看测试系列的第{n}张图片。{q}",
    "MMStar": "Judge from image {n} of the collection only. {q}",
    "MMMU_DEV_VAL": "<image 1> belongs to exam sheet {n}. {q}",
    "HallusionBench": "According to exhibit {n} of the survey, {q}",
    "AI2D_TEST": "The school diagram number {n} is printed above. {q}",
    "OCRBench": "Read the text in scan number {n} carefully. {q}",
    "MMVet": "Here is photo {n} from the album of a visitor. {q}",
}

CHINESE = {
    "red": "红色",
    "blue": "蓝色",
    "green": "绿色",
    "yellow": "黄色",
    "purple": "紫色",
    "orange": "橙色",
    "pink": "粉色",
    "brown": "棕色",
    "car": "汽车",
    "ball": "球",
    "tent": "帐篷",
    "house": "房子",
    "bus": "公共汽车",
    "balloon": "气球",
    "boat": "船",
    "cup": "杯子",
    "kite": "风筝",
    "crate": "箱子",
    "tower": "塔",
    "castle": "城堡",
    "dome": "圆顶建筑",
    "pyramid": "金字塔",
    "arch": "拱门",
    "lighthouse": "灯塔",
    "cube": "立方体",
    "sphere": "球体",
    "cylinder": "圆柱体",
    "cone": "圆锥体",
    "circle": "圆形",
    "square": "正方形",
    "octagon": "八边形",
    "diamond": "菱形",
    "friends": "朋友",
    "family": "家人",
    "couple": "情侣",
    "professional": "同事",
    "commercial": "买卖关系",
    "no relation": "没有关系",
    "attract": "相互吸引",
    "repel": "相互排斥",
    "do neither": "互不作用",
    "sofa": "沙发",
    "banner": "横幅",
    "blanket": "毯子",
    "stage": "舞台",
    "carpet": "地毯",
    "sign": "牌子",
    "liquid": "液体",
    "large cube": "大立方体",
    "large sphere": "大球体",
    "large cylinder": "大圆柱体",
}
CHINESE_QUESTIONS = {
    "colour_choice": "图中的{main}是什么颜色？",
    "largest": "图中最大的物体是什么？",
    "building": "图中是哪种建筑？",
    "shape": "图中最大的物体是什么形状？",
    "relation": "图中的人是什么关系？",
    "magnets": "这两块磁铁会怎样？",
}


def phrase(name: str, n: int, question: str) -> str:
    if name == "HallusionBench":
        question = question[0].lower() + question[1:]
    return FRAMES[name].format(n=n, q=question)


def chinese(key: str, main: str) -> str:
    """The Chinese question of a choice item. Raises KeyError for an item that MMBench CN does not ask."""
    return CHINESE_QUESTIONS[key].format(main=CHINESE[main])
