"""Words of closed classes in Chinese, German, French and Spanish: colours, sides, days, months, seasons, planets.

Belongs here: classes with few members, each with one word of its own in each language. Does not belong here: any other
translation, which is for the judge; numbers and units (foreign_numbers.py), elements by their signs (same_words.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards import lists

MAX_CHARS = 120
# English: Chinese, German, French, Spanish; several words of one language by a slash
_TABLE = """
red: 红 红色, rot, rouge, rojo/roja
orange: 橙 橙色 橘色, orange, orange, naranja
yellow: 黄 黄色, gelb, jaune, amarillo/amarilla
green: 绿 绿色, grün, vert/verte, verde
blue: 蓝 蓝色, blau, bleu/bleue, azul
purple: 紫 紫色, lila/violett, violet/violette, morado/violeta
pink: 粉 粉色 粉红色, rosa, rose, rosa
brown: 棕 棕色 褐色, braun, marron/brun, marrón
black: 黑 黑色, schwarz, noir/noire, negro/negra
white: 白 白色, weiß/weiss, blanc/blanche, blanco/blanca
gray: 灰 灰色, grau, gris/grise, gris
left: 左 左边 左侧 左面, links, gauche/à gauche, izquierda/a la izquierda
right: 右 右边 右侧 右面, rechts, droite/à droite, derecha/a la derecha
up: 上 向上, oben/nach oben, en haut/vers le haut, arriba/hacia arriba
down: 下 向下, unten/nach unten, en bas/vers le bas, abajo/hacia abajo
clockwise: 顺时针 顺时针方向, im uhrzeigersinn, dans le sens horaire, en sentido horario
counterclockwise: 逆时针 逆时针方向, gegen den uhrzeigersinn, dans le sens antihoraire, en sentido antihorario
north: 北 北方, norden, nord, norte
south: 南 南方, süden, sud, sur
east: 东 东方, osten, est, este
west: 西 西方, westen, ouest, oeste
monday: 星期一 周一, montag, lundi, lunes
tuesday: 星期二 周二, dienstag, mardi, martes
wednesday: 星期三 周三, mittwoch, mercredi, miércoles
thursday: 星期四 周四, donnerstag, jeudi, jueves
friday: 星期五 周五, freitag, vendredi, viernes
saturday: 星期六 周六, samstag/sonnabend, samedi, sábado
sunday: 星期日 星期天 周日, sonntag, dimanche, domingo
january: 一月, januar, janvier, enero
february: 二月, februar, février, febrero
march: 三月, märz, mars, marzo
april: 四月, april, avril, abril
may: 五月, mai, mai, mayo
june: 六月, juni, juin, junio
july: 七月, juli, juillet, julio
august: 八月, august, août, agosto
september: 九月, september, septembre, septiembre
october: 十月, oktober, octobre, octubre
november: 十一月, november, novembre, noviembre
december: 十二月, dezember, décembre, diciembre
spring: 春 春天 春季, frühling, printemps, primavera
summer: 夏 夏天 夏季, sommer, été, verano
autumn: 秋 秋天 秋季, herbst, automne, otoño
winter: 冬 冬天 冬季, winter, hiver, invierno
mercury: 水星, merkur, mercure, mercurio
venus: 金星, venus, vénus, venus
earth: 地球, erde, terre, tierra
mars: 火星, mars, mars, marte
jupiter: 木星, jupiter, jupiter, júpiter
saturn: 土星, saturn, saturne, saturno
uranus: 天王星, uranus, uranus, urano
neptune: 海王星, neptun, neptune, neptuno
circle: 圆 圆形, kreis, cercle, círculo
square: 正方形, quadrat, carré, cuadrado
triangle: 三角形, dreieck, triangle, triángulo
rectangle: 长方形 矩形, rechteck, rectangle, rectángulo
"""
_ARTICLE = re.compile(r"^(?:la|le|les|l'|der|die|das|el|los|las|il)\s?(?=\w{3})")
_AND = re.compile(r"\s(?:und|et|y|e)\s")


def _words() -> dict[str, str]:
    """The English word of each, where the languages agree about it."""
    found: dict[str, set[str]] = {}
    for line in _TABLE.strip().splitlines():
        english, _, rest = line.partition(": ")
        chinese, *others = rest.split(", ")
        for word in (*chinese.split(" "), *(w for other in others for w in other.split("/"))):
            found.setdefault(word, set()).add(english)
    return {word: names.pop() for word, names in found.items() if len(names) == 1}


_WORDS = _words()


_DAY = re.compile(
    r"^(?:(?:am|le|el|il)\s)?(\d{1,2})(?:\.|er)?\s(?:de\s)?([^\W\d_]{3,12})(?:\s(?:de\s|del\s)?(\d{4}))?$"
)
_MONTHS = frozenset("january february march april may june july august september october november december".split())


def day_in_english(text: str) -> str | None:
    """28. Juni 1919 as 28 june 1919; None for any other text."""
    match = _DAY.match(text.casefold().strip(" .")) if len(text) <= MAX_CHARS else None
    month = _WORDS.get(match[2]) if match else None
    return f"{match[1]} {month} {match[3] or ''}".strip() if match and month in _MONTHS else None


def in_english(text: str) -> str | None:
    """A reply that is one such word, or a list of them, in English; None for any other text."""
    if len(text) > MAX_CHARS:
        return None
    joined = _AND.sub(", ", text.casefold().strip(" .!"))
    items = [_ARTICLE.sub("", item.strip()) for item in lists.items(joined)[0]]
    words = [_WORDS.get(item) for item in items]
    if not items or not all(words) or words == items:
        return None
    return ", ".join(word for word in words if word)
