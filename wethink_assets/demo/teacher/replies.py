"""Mock replies: what the sample teacher answers in each stage of the synthesis.

Belongs here: one method per stage, right unless a fault is planted. Does not belong here: HTTP (server.py), judging
(judging.py), which questions exist (questions.py).

The stage is known from the name of the reply's schema. A real endpoint ignores that name and follows the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wethink_assets.demo.pack.scene import Item, Scene
from wethink_assets.demo.teacher import blind_questions, hard_paths, judging, questions
from wethink_assets.demo.teacher.faults import Faults, draw
from wethink_assets.demo.teacher.questions import GUESSES, Asked
from wethink_assets.demo.teacher.scenes import plate_of, without_plate
from wethink_assets.demo.teacher.similarity import similarity

_ABILITIES = re.compile(r"<abilities>([a-z, ]+)</abilities>")
_OPTION = re.compile(r"^\(?([A-Z])\)?[.):]?(?:\s|$)")


class UnknownSceneError(LookupError):
    """The request is about no image of the pack. The message says what to do."""


@dataclass(frozen=True)
class TeacherRequest:
    """A request as the stages see it."""

    role: str
    text: str
    schema_name: str
    schema: Mapping[str, Any]
    subject: tuple[str, Scene] | None
    seed: int = 0

    @property
    def image_id(self) -> str:
        return self._known_subject[0]

    @property
    def scene(self) -> Scene:
        return self._known_subject[1]

    @property
    def _known_subject(self) -> tuple[str, Scene]:
        if self.subject is None:
            raise UnknownSceneError(
                "the sample teacher knows the images of the sample pack only, and this request holds none of them: "
                "for other images configure a real endpoint for this role"
            )
        return self.subject

    def part(self, name: str) -> str:
        """The text between <name> and </name>, or all of it where the prompt has no such part."""
        match = re.search(rf"<{name}>\n?(.*?)\n?</{name}>", self.text, re.DOTALL)
        return match[1] if match else self.text

    def asked(self) -> Asked | None:
        return questions.find(self.scene, self.part("question"))


class Teacher:
    """Answers every role from the scene records."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._stages: dict[str, Callable[[TeacherRequest], dict[str, Any]]] = {
            "description": self._describe,
            "missing_details": self._missing_details,
            "visual_answer": self._visual_answer,
            "merged_description": self._merge,
            "question_list": self._questions,
            "well_posed": self._well_posed,
            "answerable": self._answerable,
            "answer": self._answer,
            "blind_answer": self._answer_blind,
            "second_look": self._answer_again,
            "adjudication": self._adjudicate,
            "refined_path": self._refine_path,
        }

    def reply(self, request: TeacherRequest) -> dict[str, Any]:
        """The reply's object.

        Raises:
            UnknownSceneError: the request is about no image of the pack.
        """
        if request.role != "judge" and (stage := self._stages.get(request.schema_name)):
            return stage(request)
        return judging.reply(request.text, request.schema, draw(self.faults.seed, request.text))

    def speak(self, request: TeacherRequest) -> str:
        """The reply to a request without a schema: what the image shows."""
        return self._describe(request)["description"]

    # -- descriptions ----------------------------------------------------------------------------

    def _describe(self, request: TeacherRequest) -> dict[str, Any]:
        return {"description": f"{request.scene.caption} {plate_of(request.image_id)}"}

    def _missing_details(self, request: TeacherRequest) -> dict[str, Any]:
        """Asks for two to four details in all, so that some images are done after the first turn."""
        known = request.part("description") + "\n" + request.part("known_details")
        count = 2 + int(draw(self.faults.seed, "details", request.image_id) * 3)
        open_ = [q for q, answer in request.scene.details[:count] if answer not in known and q not in known]
        limit = _list_limit(request.schema, default=2)
        return {"questions": open_[:limit]}

    def _visual_answer(self, request: TeacherRequest) -> dict[str, Any]:
        known = dict(request.scene.details)
        numbered = re.findall(r"^(\d+)\. (.+)$", request.part("questions"), re.MULTILINE)
        return {"answers": [{"number": int(n), "answer": known.get(q.strip(), "")} for n, q in numbered]}

    def _merge(self, request: TeacherRequest) -> dict[str, Any]:
        known = request.part("known_details")
        text = without_plate(request.part("description"))
        added = [answer for _, answer in request.scene.details if answer in known and answer not in text]
        return {"description": " ".join([text, *added, plate_of(request.image_id)])}

    # -- questions -------------------------------------------------------------------------------

    def _questions(self, request: TeacherRequest) -> dict[str, Any]:
        count = _list_limit(request.schema, default=3)
        asked_for = _ABILITIES.search(request.text)
        wanted = asked_for[1].split(", ") if asked_for else ()
        return {"questions": questions.propose(request.image_id, request.scene, count, self.faults, wanted)}

    def _well_posed(self, request: TeacherRequest) -> dict[str, Any]:
        good, reason = self._review(request, "ill_posed", "It asks for one thing that can be checked.")
        return {"reason": reason, "well_posed": good}

    def _answerable(self, request: TeacherRequest) -> dict[str, Any]:
        good, reason = self._review(request, "unanswerable", "All that it needs is visible.")
        return {"reason": reason, "answerable": good}

    def _review(self, request: TeacherRequest, flaw: str, praise: str) -> tuple[bool, str]:
        asked = request.asked()
        text = asked.text if asked else ""
        about = {"image_id": request.image_id, "question": text, "role": request.role}
        if asked is None or asked.flaw == flaw:
            if self.faults.hits(self.faults.rates.missed_flaw, "missed", flaw, request.image_id, text):
                self.faults.plant(f"missed_{flaw}", **about)
                return True, praise
            return False, "It has no single right answer." if flaw == "ill_posed" else "The image does not show it."
        if asked.flaw is None and self.faults.hits(
            self.faults.rates.false_alarm, "alarm", flaw, request.image_id, text
        ):
            self.faults.plant(f"false_{flaw}", **about)
            return False, "It can be read in two ways." if flaw == "ill_posed" else "The image is too unclear for it."
        return True, praise

    # -- answers ---------------------------------------------------------------------------------

    def _answer(self, request: TeacherRequest) -> dict[str, Any]:
        asked = request.asked()
        if asked is None or asked.item is None:
            guess = self.faults.pick(
                GUESSES, "guess", request.role, request.image_id, asked.text if asked else request.text
            )
            return {"reasoning": f"Nothing shows it directly, so I estimate. The answer is {guess}", "answer": guess}
        item = asked.item
        shared = self.faults.hits(self.faults.rates.shared_error, "shared", request.image_id)
        if shared or self.faults.hits(
            self.faults.rates.wrong_answer, "wrong", request.role, request.image_id, item.key
        ):
            self.faults.plant(
                "wrong_answer",
                image_id=request.image_id,
                question=item.question,
                role=request.role,
                answer=item.wrong,
                truth=item.answer,
            )
            return {"reasoning": swapped(item, item.chain), "answer": item.wrong}
        answer = item.answer
        if item.category == "DES" and request.role == "vlm":
            answer = f"In this image: {answer}"
        return {"reasoning": item.chain, "answer": answer}

    def _answer_blind(self, request: TeacherRequest) -> dict[str, Any]:
        """Without an image only general knowledge helps, and now and then it fails; all else is guessed."""
        text = request.part("question")
        about = (request.role, text, request.seed)
        known = blind_questions.find(text)
        if known:
            answer = known.wrong if self.faults.hits(blind_questions.SLIPS, "blind slip", *about) else known.answer
            return {"reasoning": known.chain, "answer": answer}
        answer = self.faults.pick(blind_questions.guesses(text) or GUESSES, "blind", *about)
        return {"reasoning": f"I cannot see it. What is usual is {answer}", "answer": answer}

    def _answer_again(self, request: TeacherRequest) -> dict[str, Any]:
        """A model of its own looks: of the mistake that reasoner and VLM share it makes a part, other errors are its.

        A question without an answer is guessed at anew each time. An item has one wrong answer, so that errors which
        meet by chance are the same: that is the worst case.
        """
        asked, rates = request.asked(), self.faults.rates
        about = (request.role, request.image_id, asked.text if asked else request.text)
        if asked is None or asked.item is None:
            guess = self.faults.pick(GUESSES, "second guess", *about, request.seed)
            return {"reasoning": f"Nothing shows it directly, so I estimate. The answer is {guess}", "answer": guess}
        item = asked.item
        shared = self.faults.hits(rates.shared_error, "shared", request.image_id)
        if (
            (shared and self.faults.hits(rates.second_look_shared, "second shared", request.role, request.image_id))
            or self.faults.hits(rates.second_look_blindness, "second blindness", *about)
            or self.faults.hits(rates.second_look_slip, "second slip", *about, request.seed)
        ):
            self.faults.plant(
                "wrong_second_look",
                image_id=request.image_id,
                question=item.question,
                role=request.role,
                draw=request.seed,
                answer=item.wrong,
            )
            return {"reasoning": swapped(item, item.chain), "answer": item.wrong}
        return {"reasoning": item.chain, "answer": item.answer}

    def _adjudicate(self, request: TeacherRequest) -> dict[str, Any]:
        asked = request.asked()
        item = asked.item if asked else None
        text = asked.text if asked else ""
        right = [item is not None and is_right(item, request.part(f"{n}_answer")) for n in ("first", "second")]
        choice = "first" if right[0] else "second" if right[1] else "neither"
        again = request.role == "adjudicator_2"  # the stronger model errs a fifth as often, elsewhere
        about = ("adjudicate", *(["again"] if again else []), request.image_id, text)
        if self.faults.hits(self.faults.rates.wrong_adjudication * (0.2 if again else 1), *about):
            other = {"first": "second", "second": "first", "neither": "first"}[choice]
            self.faults.plant(
                "wrong_adjudication", image_id=request.image_id, question=text, role=request.role, choice=other
            )
            choice = other
        elif (
            choice != "neither"
            and not again
            and self.faults.hits(self.faults.rates.cautious_adjudication, "cautious", request.image_id, text)
        ):
            self.faults.plant("cautious_adjudication", image_id=request.image_id, question=text, role=request.role)
            choice = "neither"
        reason = "Neither fits the image." if choice == "neither" else f"The {choice} answer fits what is visible."
        return {"reason": reason, "choice": choice}

    def _refine_path(self, request: TeacherRequest) -> dict[str, Any]:
        asked = request.asked()
        answer = request.part("final_answer")
        item = asked.item if asked else None
        if item is None:
            return {"refined_cot": f"I look at the image and settle on {answer}.", "consistent": True}
        path = item.short_chain if is_right(item, answer) else swapped(item, item.short_chain)
        if self.faults.hits(self.faults.rates.bad_path, "path", request.image_id, item.key):
            how = self.faults.pick(("tags", "contradiction", "empty"), "path", request.image_id, item.key)
            self.faults.plant("bad_path", image_id=request.image_id, question=item.question, role=request.role, how=how)
            other = item.wrong if is_right(item, answer) else item.answer
            path = {"tags": f"<think>{path}</think>", "contradiction": f"{path} The answer is {other}.", "empty": " "}[
                how
            ]
        elif self.faults.hits(self.faults.rates.hard_path, "hard path", request.image_id, item.key):
            how, path = hard_paths.spoilt(
                path, answer, item, lambda choices: self.faults.pick(choices, "hard path", request.image_id, item.key)
            )
            self.faults.plant("bad_path", image_id=request.image_id, question=item.question, role=request.role, how=how)
        return {"refined_cot": path, "consistent": True}


def is_right(item: Item, answer: str) -> bool:
    """Whether an answer, perhaps with its option's text, is the item's own."""
    if item.category == "MC":
        match = _OPTION.match(answer.strip())
        return (match[1] if match else answer.strip()) == item.answer
    if item.category == "DES":
        return similarity(item.answer, answer) > similarity(item.wrong, answer)
    return answer.strip().casefold() == item.answer.casefold()


def swapped(item: Item, chain: str) -> str:
    """A chain that leads to the item's wrong answer instead."""
    pairs = [(item.answer, item.wrong)]
    if item.category == "MC":
        right, wrong = (item.options[ord(letter) - 65] for letter in (item.answer, item.wrong))
        chain = re.sub(rf"\b{re.escape(item.answer)}(?=\.?$)", item.wrong, chain)
        pairs = [(right, wrong)]
    for right, wrong in pairs:
        chain = re.sub(rf"(?<!\w){re.escape(right)}(?!\w)", lambda _, wrong=wrong: wrong, chain)
    return chain


def _list_limit(schema: Mapping[str, Any], *, default: int) -> int:
    """How many entries the reply's list may have."""
    for field in schema.get("properties", {}).values():
        if isinstance(field, Mapping) and isinstance(limit := field.get("maxItems"), int):
            return limit
    return default
