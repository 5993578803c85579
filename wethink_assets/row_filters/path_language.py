"""Filter of a reasoning path's language: a switch to another script, or to another language in the same one.

Belongs here: scripts and function words. Does not belong here: what a sentence says.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from wethink_assets.row_filters.candidate import Candidate

LATIN_LETTERS, LATIN_SHARE = 20, 0.3  # names, units and formulas are Latin in every language
FOREIGN_RUN = 2
FUNCTION_WORDS, SENTENCE_WORDS = 3, 6  # of another language in one sentence of at least so many words
# No opening sign within: on a flood of them each would be read on for 200 characters.
_QUOTED = re.compile(
    r"\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|“[^“”\n]{0,200}”|‘[^‘’\n]{0,200}’|「[^「」\n]{0,200}」|『[^『』\n]{0,200}』"
    r"|《[^《》\n]{0,200}》|«[^«»\n]{0,200}»|\([^()\n]{1,40}\)"
)
_READ = re.compile(
    r"\b(?:says?|reads?|reading|shows?|words?|text|characters?|letters?|written|labell?ed|titled|named|called|name|title|sign"
    r"|label|prints?|printed)\b[^.;]{0,25}$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Words that carry no meaning and stand in most sentences of their language, and in few of another.
_FUNCTION = {
    "English": "the of and is are in that it which to from with this there on as so because has have not".split(),
    "Spanish": "el los las una por para con que del se como más lo este esta según porque respuesta entonces".split(),
    "French": "le les une des du est dans que qui pour avec sur cette ces donc par nous tous réponse".split(),
    "German": "der die das und ist ein eine nicht mit sich auf dem den des deshalb nichts man wenn antwort".split(),
    "Italian": "il gli una della che per con nel è di sono questo perché quindi risposta".split(),
    "Portuguese": "os uma da do não com para que em são mais porque então resposta esta".split(),
}
_LANGUAGES = {name: frozenset(words) for name, words in _FUNCTION.items()}


def changes_language(row: Candidate) -> str | None:
    """Words of a script, or sentences of a language, that question, options and answer do not use.

    Quotations, brackets and what is said to be read in the image are passed over.
    """
    return _other_script(row) or _other_language(row)


def _other_script(row: Candidate) -> str | None:
    known = {script(c) for text in (row.question, row.answer, *row.options) for c in text if c.isalpha()}
    if not known - {"OTHER", "GREEK"}:
        return None
    path = _QUOTED.sub(" ", row.path)
    letters = [c for c in path if c.isalpha()]
    latin = sum(script(c) == "LATIN" for c in letters)
    if "LATIN" not in known and latin >= LATIN_LETTERS and latin >= LATIN_SHARE * len(letters):
        return f"{latin} of the path's {len(letters)} letters are Latin, the question's are not"
    for match in _WORDS.finditer(path):
        kinds = {script(c) for c in match[0] if c.isalpha()} - known - {"OTHER", "GREEK", "LATIN"}
        if (
            kinds
            and len(match[0]) >= FOREIGN_RUN
            and not _READ.search(path[max(0, match.start() - 60) : match.start()])
        ):
            return f"the path changes to {kinds.pop()} letters: {path[max(0, match.start() - 20) : match.end() + 20]!r}"
    return None


def _other_language(row: Candidate) -> str | None:
    own = {name for name in _LANGUAGES if _hits(row.question, name) >= 1}
    if not own:
        return None
    for sentence in row.sentences:
        text = _QUOTED.sub(" ", sentence)
        words = _WORDS.findall(text)
        if len(words) < SENTENCE_WORDS or any(_hits(text, name) >= 2 for name in own):
            continue
        for name in _LANGUAGES.keys() - own:
            if _hits(text, name) >= FUNCTION_WORDS:
                return f"the path changes to {name}: {sentence[:120]!r}"
    return None


def _hits(text: str, language: str) -> int:
    return sum(word in _LANGUAGES[language] for word in _WORDS.findall(text.lower()))


@lru_cache(maxsize=8192)
def script(letter: str) -> str:
    """The script of a letter; Han and kana are one, mathematical letters and rare scripts are OTHER."""
    name = unicodedata.name(letter, "")
    for known in ("LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "CYRILLIC", "ARABIC", "HEBREW", "THAI", "GREEK"):
        if name.startswith(known):
            return "CJK" if known in ("HIRAGANA", "KATAKANA") else known
    return "OTHER"
