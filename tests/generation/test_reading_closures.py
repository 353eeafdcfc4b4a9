"""Functions that are defined within a function, and called by what a client says."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tests.generation.test_reading import read


def make_commands(table):
    async def nick(argument):
        if len(argument) > 20:
            raise ValueError

    async def roll(argument):
        count, _, sides = argument.partition("d")
        table.append((int(count), int(sides)))

    async def place(*, at, name="x"):
        table.append((at % 7, name))

    async def anything(**rest):
        table.append(rest)

    return {"nick": nick, "roll": roll}, {"place": place, "anything": anything}


async def closures(websocket):
    commands, _ = make_commands([])
    verb, _, argument = (await websocket.receive_text()).partition(" ")
    if (command := commands.get(verb)) is not None:
        await command(argument.strip())


async def closures_by_keys(websocket):
    _, commands = make_commands([])
    message = await websocket.receive_json()
    await commands[message.pop("do")](**message)


def test_a_table_of_functions_within_a_function_is_called_command_by_command():
    variants = dict(read(closures).text.variants)
    assert variants["nick"].words[1].lengths == (20,)
    assert [part.uses for part in variants["roll"].words[1].words] == [("int",), ("int",)]


def test_functions_within_a_function_take_the_keys_of_a_message():
    shape = read(closures_by_keys).json
    assert dict(shape.calls) == {"place": ("at", "name")}
    assert dict(shape.keys)["do"].constants == ("place", "anything")


class Plan:
    def create(self, message):
        return message.title[:40]

    def link(self, message):
        return len(message.job) > 12


@dataclass
class Create:
    title: str


@dataclass
class Link:
    job: str


async def by_type(websocket):
    plan = Plan()
    handlers = {Create: plan.create, Link: plan.link}
    message = msgspec.json.decode(await websocket.receive_text(), type=Create | Link)
    handlers[type(message)](message)


def test_what_is_called_by_the_type_of_a_message_is_read() -> None:
    keys = dict(read(by_type).json.keys)
    assert (keys["title"].lengths, keys["job"].lengths) == ((40,), (12,))
