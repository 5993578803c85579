"""One number in a German, French, Spanish or Chinese reply: "Es sind 6 Atome", "Drei Wochen", "quatre-vingt-quinze".

Belongs here: number words and units of these languages, and replies that give one number and nothing that changes it.
Does not belong here: English (number_prose.py), sentences that repeat a question of their own language
(foreign_prose.py), Chinese numerals (number_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from wethink_assets.rewards.units import measures

MAX_CHARS = 120
MAX_STRANGE = 3
_FRAME = frozenset(
    # German
    "es sind ist gibt hat haben im in am die der das den dem des ein eine einen insgesamt antwort lautet beträgt "
    "dauert kostet "
    "wiegt zu sehen man sieht auf dem bild jahr und von vom misst zeigt wert "
    # French
    "il y a est sont la le les l un une des de du d on voit en tout dans réponse vaut mesure dure coûte pèse c "
    "année soit "
    # Spanish
    "hay son es el los las una unos unas en total se ven respuesta cuesta dura mide pesa vale del año al valor está "
    # Italian, Portuguese
    "ci sono è il lo gli i nel nella costa dura são há o os as no na custa ano anno".split()
)
_MARKS = frozenset(  # words that show the language: none of them is an English one
    "es sind ist gibt haben im der das den dem des ein eine einen insgesamt lautet beträgt dauert kostet "
    "jahr und von sieht "
    "il est sont la le les une des du voit dans réponse vaut mesure dure coûte année soit "
    "el los las una unos unas se ven respuesta cuesta mide vale del año al ci sono gli nel nella são há".split()
)
_TURNS = frozenset(
    # what makes another number of it, or denies or doubts it
    "nicht kein keine keinen mehr weniger als doppelt halb halbe hälfte mal fast etwa ungefähr rund circa über "
    "unter mindestens "
    "höchstens oder vielleicht wahrscheinlich bis zwischen vor nach seit jeder je pro drittel viertel zu ohne "
    "außer sondern statt "
    "pas ne plus moins que double moitié presque environ près au ou peut-être probablement entre avant après "
    "depuis chaque par "
    "sauf sans mais tiers quart demi demie autre autres sur fois "
    "no menos más doble mitad casi unos aproximadamente sobre o quizá quizás tal vez entre antes después desde "
    "cada por sino sin "
    "excepto medio media tercio cuarto otro otra veces di più meno che doppio metà quasi circa ma non o forse "
    "não mais menos ou "
    "talvez metade minimum mínimo mínima minimo minimale kleinste niedrigste geringste petit petite bas menor "
    "maximum máximo máxima massimo "
    "größte höchste grand grande haut mayor falsch wrong faux falso incorrecto erste zweite dritte premier "
    "première primera primero "
    # scales, which are read with none of these
    "tausend hundert mille cent mil cien ciento million millionen millions millón millones milliarde milliarden "
    "milliard milliards "
    "billón dutzend douzaine docena paar paire par billion billions thousand hundred dozen".split()
)
_ENGLISH = frozenset("the is are of and there it was were not more than with answer or to for".split())
_UNITS = {
    writing: unit
    for unit, writings in (
        ("%", "prozent|pour cent|por ciento|per cento|por cento"),
        ("weeks", "wochen|woche|semaines|semaine|semanas|semana|settimane"),
        ("days", "tage|tagen|tag|jours|jour|días|día|giorni|dias"),
        ("months", "monate|monaten|monat|mois|meses|mes|mesi"),
        ("years", "jahre|jahren|ans|années|años|anni|anos"),
        ("hours", "stunden|stunde|heures|heure|horas|hora|ore"),
        ("minutes", "minuten|minutes|minutos|minuti|minuto"),
        ("seconds", "sekunden|sekunde|secondes|seconde|segundos|secondi"),
        ("degrees", "grad|degrés|grados|gradi|graus"),
        ("degrees celsius", "grad celsius|degrés celsius|grados celsius"),
        ("km", "kilometer|kilomètres|kilómetros|chilometri|quilômetros"),
        ("m", "meter|metern|mètres|metros|metri"),
        ("cm", "zentimeter|centimètres|centímetros|centimetri"),
        ("kg", "kilogramm|kilo|kilogrammes|kilogramos|kilos"),
        ("g", "gramm|grammes|gramos"),
        ("liters", "liter|litern|litres|litros|litri"),
        ("euro", "euro|euros"),
        ("dollars", "dollar|dollars|dólares"),
    )
    for writing in writings.split("|")
}
_BY_LENGTH = sorted(_UNITS.items(), key=lambda pair: -len(pair[0]))
_AS_IN_ENGLISH = frozenset("minutes dollars dollar euro euros kilo kilos tag ore ans meter kilometer liter".split())
_FOLLOWING = re.compile(r"[^\W\d_%]{1,12}(?:/[a-z]{1,3})?|%|°C?")
_GERMAN = (
    "- eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn zwanzig"
)
_FRENCH = (
    "zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf vingt"
)
_SPANISH = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte"
)
_ITALIAN = "zero - due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici"
_WORDS: dict[str, int] = {
    word: value
    for words in (_GERMAN, _FRENCH, _SPANISH, _ITALIAN)
    for value, word in enumerate(words.split())
    if word != "-"
}
_ENGLISH_TOO = frozenset("once elf due dos sei tre zero".split())  # of these alone, none is a number
_TENS_GERMAN: dict[str, int] = {
    w: 10 * i for i, w in enumerate("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split(), 2)
}
_TENS_FRENCH: dict[str, int] = {
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "quatre-vingt": 80,
}
_TENS_SPANISH = {
    w: 10 * i for i, w in enumerate("treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(), 3)
}
_ONES_GERMAN: dict[str, int] = {"ein": 1} | {w: v for w, v in _WORDS.items() if v < 10}
_NUMBER = re.compile(r"[-+]?\d{1,12}(?:[.,]\d{1,12}){0,4}")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+){0,4}")
_SCALES = {
    **dict.fromkeys(("tausend", "mille", "mil"), 10**3),
    **dict.fromkeys(("million", "millionen", "mio", "millions", "millón", "millones", "milioni"), 10**6),
    **dict.fromkeys(("milliarde", "milliarden", "mrd", "milliard", "milliards", "miliardi"), 10**9),
}
_SCALED = re.compile(
    rf"^(?:etwa |rund |environ "
    rf"|unos )?(\d{{1,4}}(?:,\d{{1,3}})?)\s?({'|'.join(sorted(_SCALES, key=len, reverse=True))})\.?"
    r"(?:\s(?:de |d')?([^\W\d_]{2,20}))?",
    re.IGNORECASE,
)
_MATHEMATICS = re.compile(r"[<>≠≤≥+*/^=\\$?]")
_HAN_ASIDE = re.compile(r"(?:没有|无)[,;]\s?(?=0)")
_HAN_FRAME = re.compile(
    r"(?:图中|图里|图上|一共|总共|共|大约|约|答案|应该|需要|需|要|有|是|为|得|:|,|那么|所以|最少|至少|最多|它|他|她|跳|该|\s){1,8}"
)
_LEAST = re.compile(r"最少|至少")
_MOST = re.compile(r"最多|至多")
_MONEY_FIRST = re.compile(r"^(?:人民币|RMB|CNY)\s?(?=\S{1,20}(?:元|块|圆)?$)")
_THOUSANDS = re.compile(r"^\d{1,3}(?:\.\d{3}){1,3}")


def of(text: str, asked: Sequence[str]) -> Iterator[str]:
    """The number that such a reply gives, with its unit where it has one."""
    if len(text) > MAX_CHARS:
        return
    if _MONEY_FIRST.match(text):
        yield _MONEY_FIRST.sub("", text)
    if re.search("[\u4e00-\u9fff]", text):
        yield from _of_chinese(text, asked)
        return
    yield from _of_words(text, asked)


def _of_chinese(text: str, asked: Sequence[str]) -> Iterator[str]:
    rest = _HAN_ASIDE.sub("", text)
    least = _LEAST.search(rest) and not {"smallest", "minimum", "least", "fewest", "lowest"} & set(asked)
    most = _MOST.search(rest) and not {"largest", "maximum", "most", "greatest", "highest"} & set(asked)
    if match := _HAN_FRAME.match(rest):
        rest = rest[match.end() :]
    bound = (least and not any(map(_LEAST.search, asked))) or (most and not any(map(_MOST.search, asked)))
    if rest and rest != text and not bound:
        yield rest


def _of_words(text: str, asked: Sequence[str]) -> Iterator[str]:
    words = [m[0].casefold() for m in _WORD.finditer(text)]
    if _MATHEMATICS.search(text):
        return
    if match := _SCALED.fullmatch(text):
        number = Fraction(match[1].replace(",", ".")) * _SCALES[match[2].casefold()]
        yield f"{number} {_UNITS.get((match[3] or '').casefold(), '')}".strip()
        return
    if not words or not _ENGLISH.isdisjoint(words) or not _TURNS.isdisjoint(words):
        return
    numbers = [m[0] for m in _NUMBER.finditer(text)]
    spelled = [(w, v) for w in words if (v := spelled_out(w)) is not None]
    abroad = not _MARKS.isdisjoint(words) or bool({"hay", "son"} & {*words[:1]}) or _is_asked_abroad(asked)
    if len(numbers) + len(spelled) != 1 or (spelled and spelled[0][0] in _ENGLISH_TOO and not abroad):
        return
    known = _FRAME | set(asked)
    rest = [w for w in words if w not in known and not (spelled and w == spelled[0][0])]
    place = numbers[0] if numbers else spelled[0][0]
    after = text.casefold().split(place.casefold(), 1)[1].strip(" .!")
    unit = next((u for w, u in _BY_LENGTH if re.match(rf"{w}\b", after)), "")
    following = _FOLLOWING.match(after)
    if not unit and following is not None and measures(following[0]):
        unit = following[0]
    following_word = following[0] if following is not None else ""
    strange = [w for w in rest if w not in _UNITS]
    if _is_asked_abroad(asked) and any(w != following_word for w in strange):
        return  # a question of that language says which words belong: the minimum is no maximum
    is_foreign = abroad or spelled or not (_UNITS.keys() - _AS_IN_ENGLISH).isdisjoint(words)
    if not is_foreign or len(strange) > MAX_STRANGE:
        return
    number = str(spelled[0][1]) if spelled else numbers[0]
    if _THOUSANDS.fullmatch(number):
        yield f"{number.replace('.', '')} {unit}".strip()
    yield f"{number.replace(',', '.') if number.count(',') == 1 and '.' not in number else number} {unit}".strip()


def _is_asked_abroad(asked: Sequence[str]) -> bool:
    return not _ASKS.isdisjoint(asked)


_ASKS = frozenset(
    "wie welche welcher welches combien quel quelle quels cuánto cuánta cuántos cuántas cuál quanti quante "
    "quantos quale".split()
)


def spelled_out(word: str) -> int | None:
    """The value of a German, French or Spanish number word up to 99; None for any other word."""
    word = word.casefold()
    if word in _WORDS:
        return _WORDS[word]
    if word in _TENS_GERMAN or word in _TENS_FRENCH or word in _TENS_SPANISH:
        return _TENS_GERMAN.get(word) or _TENS_FRENCH.get(word) or _TENS_SPANISH.get(word)
    if word == "quatre-vingts":
        return 80
    one, joint, ten = word.partition("und")
    if joint and ten in _TENS_GERMAN and one in _ONES_GERMAN:
        return _TENS_GERMAN[ten] + _ONES_GERMAN[one]
    for name in sorted(_TENS_FRENCH, key=len, reverse=True):
        rest = word.removeprefix(f"{name}-").removeprefix("et-")
        if word.startswith(f"{name}-") and (rest in _WORDS or rest in ("un", "une")):
            value = 1 if rest in ("un", "une") else _WORDS[rest]
            return _TENS_FRENCH[name] + value if 0 < value < 20 else None
    return None
