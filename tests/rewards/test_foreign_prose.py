"""Sentences that say a question again in its own language, with the right answer, another one, a denial or a doubt."""

from __future__ import annotations

import itertools

import pytest

from wethink_assets.rewards.answers import AnswerType
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

# question, gold, another answer, sentences
SENTENCES = [
    (
        "¿Cuál es el valor máximo del gráfico?",
        "86",
        "68",
        ("El valor máximo es {}.", "El valor máximo del gráfico es {}"),
    ),
    ("¿Cuántos árboles hay en el dibujo?", "9", "6", ("Hay {} árboles en el dibujo.", "Hay {} árboles")),
    ("¿Cuánto mide la altura del árbol?", "6 m", "6 cm", ("El árbol mide {}.", "La altura del árbol es {}")),
    ("Combien d'élèves ont choisi l'anglais ?", "17", "71", ("{} élèves ont choisi l'anglais.", "Réponse : {}")),
    ("Quel fruit voit-on au premier plan ?", "pomme", "poire", ("Au premier plan, on voit une {}.", "Une {}")),
    ("Welche Farbe hat das Auto?", "rot", "blau", ("Das Auto ist {}.", "Die Farbe ist {}")),
    ("图中建筑位于哪个城市?", "北京", "上海", ("该建筑位于{}。", "图中建筑位于{}")),
    ("图中女孩手里拿着什么?", "气球", "书包", ("女孩手里拿着{}。", "图中女孩手里拿着{}")),
    ("该物体运动的速度是多少?", "5 m/s", "5 km/h", ("该物体的速度为{}。", "该物体运动的速度是{}")),
]
OF_SOMETHING_ELSE = [
    ("¿Cuál es el valor máximo del gráfico?", "86", "El valor mínimo es 86."),
    ("¿Cuál es el valor máximo del gráfico?", "86", "El valor máximo no es 86."),
    ("¿Cuál es el valor máximo del gráfico?", "86", "El valor máximo es quizás 86."),
    ("¿Cuál es el valor máximo del gráfico?", "86", "El valor máximo es 86 o 68."),
    ("Welche Farbe hat das Auto?", "rot", "Das Auto ist nicht rot."),
    ("Welche Farbe hat das Auto?", "rot", "Das Haus ist rot."),
    ("Quel fruit voit-on au premier plan ?", "pomme", "On ne voit pas de pomme."),
    ("图中建筑位于哪个城市?", "北京", "该建筑不位于北京。"),
    ("图中女孩手里拿着什么?", "气球", "男孩手里拿着气球。"),
    ("小红比小明多几本书?", "4", "小明比小红多4本书"),
]


@pytest.mark.parametrize(("question", "raw", "other", "sentences"), SENTENCES)
def test_what_is_left_of_the_sentence_is_judged(question, raw, other, sentences):
    gold = type_answer(raw, category="FIB", question=question)
    for sentence in sentences:
        assert verify(gold, sentence.format(raw), extracted=True) is Verdict.CORRECT, sentence
        assert verify(gold, sentence.format(other), extracted=True) is not Verdict.CORRECT, sentence


@pytest.mark.parametrize(("question", "raw", "reply"), OF_SOMETHING_ELSE)
def test_a_sentence_of_something_else_is_not_right(question, raw, reply):
    assert verify(type_answer(raw, category="FIB", question=question), reply, extracted=True) is not Verdict.CORRECT


ORDERED = [
    "In what order do the stages appear?",
    "Arrange the stages by age.",
    "List the stages, oldest first.",
    "Name the stages starting with the youngest.",
    "List the stages chronologically.",
    "Put the stages in the right order.",
    "What comes first, second and third?",
    "What are the next three shapes?",
]


@pytest.mark.parametrize("question", ORDERED)
def test_a_question_for_an_order_makes_a_list_of_it(question):
    items = ("egg", "larva", "pupa")
    gold = type_answer(", ".join(items), category="FIB", question=question)
    assert gold.type == AnswerType.LIST
    for order in itertools.permutations(items):
        assert (verify(gold, ", ".join(order), extracted=True) is Verdict.CORRECT) == (order == items)
