"""Branch features of application code: which statement follows which where the code had a choice, as short strings.

`sys.monitoring` where the interpreter has it (3.12), `sys.settrace` below. The features are the same on every Python:

    cov:chat/rooms.py:Room.join:0       the function was entered
    cov:chat/rooms.py:Room.join:3-7     from its fourth line, a branching statement, to its eighth, the next statement

Branching statements are `if`, `while`, `for`, a `case`, an `except`; the way into an `except` counts too. Bytecode
differs from Python to Python, statements do not: lines are those where a statement begins. They count from the head of
their function, so that an edit elsewhere in the file leaves the features of this one as they are.
"""

from __future__ import annotations

import ast
import dis
import linecache
import re
import sys
import threading
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, Literal

_Kind = Literal["entry", "lines", "branch", "caught"]
_Key = tuple[int, int, int]

_monitoring: Any = getattr(sys, "monitoring", None)

TOOLS = (3, 4)
"""The tool numbers of `sys.monitoring` that are reserved for nobody."""

# Python 3.12 has no functions of their own for these.
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")
_INLINED = re.compile(r"(<locals>\.)?<(?:list|set|dict)comp>\.(?:<locals>\.)?")
_RESUME = dis.opmap["RESUME"]


class Tracer:
    """Records branches of the code that `owns(filename)`; `name(filename)` shortens a file's name for the features.

    Only the thread that called `start` is traced. Other tools (a debugger, coverage measurement) keep working: where
    there is no free place beside them, `active` is false and there are no features.
    """

    def __init__(self, owns: Callable[[str], bool], name: Callable[[str], str]) -> None:
        self._record = _Record(owns)
        self._features = _Features(name)
        self._backend: _Monitoring | _Settrace | None = None

    @property
    def active(self) -> bool:
        """Whether branches are being recorded."""
        return self._backend is not None

    @property
    def cheap(self) -> bool:
        """Whether tracing costs next to nothing."""
        return not isinstance(self._backend, _Settrace)

    def start(self) -> None:
        """Begin to trace this thread."""
        if self._backend is None:
            self._backend = _Monitoring.started(self._record) or _Settrace.started(self._record)

    def stop(self) -> None:
        """End it, and give back what was taken."""
        if self._backend is not None:
            self._backend.stop()
            self._backend = None

    def pause(self) -> None:
        """Trace nothing until `resume`: what runs now is no application's."""
        if self._backend is not None:
            self._backend.pause()

    def resume(self) -> None:
        """Trace again."""
        if self._backend is not None:
            self._backend.resume()

    def reset(self) -> None:
        """Forget what was seen: everything is new again."""
        self._record.seen.clear()
        self._record.new.clear()
        if self._backend is not None:
            self._backend.reset()

    def new(self) -> frozenset[str]:
        """Return the features that were seen for the first time since the last call."""
        record = self._record
        if not record.new:
            return frozenset()
        events, record.new = record.new, []
        return frozenset([feature for event in events if (feature := self._features.of(*event)) is not None])


class _Record:
    """What was seen, as it came; what it means is found out when somebody asks."""

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self.seen: set[_Key] = set()
        self.new: list[tuple[CodeType, _Kind, int, int]] = []
        # By identity: a code object hashes all that it holds, anew each time. Holding it keeps its number its own.
        self.heads: dict[int, int] = {}
        self._codes: list[CodeType] = []
        self._owns = owns

    def head(self, code: CodeType) -> int:  # pragma: no cover - called where nothing is measured
        """Where the function begins, an offset into its bytecode; -1 for code that is not the application's."""
        head = self.heads.get(id(code))
        if head is None:
            head = _first_resume(code) if self._owns(code.co_filename) else -1
            self.heads[id(code)] = head
            self._codes.append(code)
        return head

    def enter(self, code: CodeType) -> None:  # pragma: no cover - called where nothing is measured
        """A function of the application's begins."""
        self.add(code, (id(code), -1, -1), "entry", 0, 0)

    def add(self, code: CodeType, key: _Key, kind: _Kind, before: int, now: int) -> None:  # pragma: no cover - as above
        """Something of the application's happened; it is new the first time."""
        if key not in self.seen:
            self.seen.add(key)
            self.new.append((code, kind, before, now))


def _first_resume(code: CodeType) -> int:  # pragma: no cover - called where nothing is measured
    return code.co_code[::2].index(_RESUME) * 2


# --- what it means ---------------------------------------------------------------------------------------------------


class _Features:
    """From an event to its feature; None for one that says nothing of its own."""

    def __init__(self, name: Callable[[str], str]) -> None:
        self._name = name
        self._known: dict[tuple[int, _Kind, int, int], str | None] = {}
        self._files: dict[str, _Statements] = {}
        self._bytecodes: dict[int, _Bytecode] = {}

    def of(self, code: CodeType, kind: _Kind, before: int, now: int) -> str | None:
        key = (id(code), kind, before, now)
        if key not in self._known:
            arc = self._arc(code, kind, before, now)
            self._known[key] = arc and f"cov:{self._name(code.co_filename)}:{_qualname(code)}:{arc}"
        return self._known[key]

    def _arc(self, code: CodeType, kind: _Kind, before: int, now: int) -> str | None:
        if kind == "entry":
            return None if code.co_name in _COMPREHENSIONS else "0"
        statements = self._files.get(code.co_filename)
        if statements is None:
            statements = self._files[code.co_filename] = _Statements("".join(linecache.getlines(code.co_filename)))
        following: int | None = now
        if kind != "lines":  # pragma: no cover - from Python 3.12 on
            bytecode = self._bytecodes.setdefault(id(code), _Bytecode(code))
            before = bytecode.line(before) if kind == "branch" else before
            following = bytecode.follow(now, lambda line: statements.same(line, abs(before)))
        arc = statements.arc(before, following) if following is not None else None
        return arc and f"{arc[0] - code.co_firstlineno}-{arc[1] - code.co_firstlineno}"


def _qualname(code: CodeType) -> str:
    return _INLINED.sub(r"\1", code.co_qualname)


class _Statements:
    """The statements of a file, by line: where each begins, and which of them branch. None where there is no source."""

    def __init__(self, source: str) -> None:
        self._heads: dict[int, int] = {}
        self._branching: set[int] = set()
        self._handlers: set[int] = set()
        self._usual: set[tuple[int, int]] = set()
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return
        for node in _in_order(tree):
            self._take(node)

    def _take(self, node: ast.AST) -> None:
        if isinstance(node, ast.match_case):
            head, end = node.pattern.lineno, node.body[-1].end_lineno
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            head, end = node.lineno, node.end_lineno
        else:
            return
        # Statements inside come later and take their own lines.
        self._heads.update(dict.fromkeys(range(head, (end or head) + 1), head))
        if isinstance(node, ast.AsyncFor):
            # Every turn goes from the head to the body; only the end of the loop tells something.
            self._usual.add((head, node.body[0].lineno))
        if isinstance(node, ast.ExceptHandler):
            self._handlers.add(head)
        if _branches(node):
            self._branching.add(head)

    def same(self, line: int, other: int) -> bool:  # pragma: no cover - from Python 3.12 on
        """Whether two lines belong to one statement."""
        return self._heads.get(line) == self._heads.get(other)

    def arc(self, before: int, now: int) -> tuple[int, int] | None:
        """The heads of the statements on the lines `before` (negative: an exception led away from it) and `now`, if
        there was a choice.
        """
        first, second = self._heads.get(abs(before)), self._heads.get(now)
        if first is None or second is None or first == second:
            return None
        if second in self._handlers:
            return first, second
        if before < 0 or first not in self._branching or (first, second) in self._usual:
            return None
        return first, second


def _in_order(tree: ast.AST) -> Iterator[ast.AST]:
    # No recursion: a sum of a thousand terms is a thousand deep.
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(list(ast.iter_child_nodes(node))))


def _branches(node: ast.AST) -> bool:
    if isinstance(node, ast.If | ast.While):
        return not isinstance(node.test, ast.Constant)
    if isinstance(node, ast.match_case):
        anything = isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None
        return node.guard is not None or not anything
    if isinstance(node, ast.ExceptHandler):
        return node.type is not None
    return isinstance(node, ast.For | ast.AsyncFor)


class _Bytecode:  # pragma: no cover - from Python 3.12 on
    """The instructions of a function: on which line each is, and which comes next."""

    def __init__(self, code: CodeType) -> None:
        self._instructions = list(dis.get_instructions(code))
        self._places = {one.offset: place for place, one in enumerate(self._instructions)}
        self._lines = [one.positions.lineno if one.positions else None for one in self._instructions]

    def line(self, offset: int) -> int:
        """The line of an instruction, 0 if it has none."""
        return self._lines[self._places[offset]] or 0

    def follow(self, offset: int, same: Callable[[int], bool]) -> int | None:
        """The first line from `offset` on for which `same` is false; None when the code branches or ends before it."""
        passed: set[int] = set()
        while offset in self._places and offset not in passed:
            passed.add(offset)
            place = self._places[offset]
            line, one = self._lines[place], self._instructions[place]
            if line is not None and not same(line):
                return line
            name = one.opname
            if name.startswith(("RETURN", "RAISE", "RERAISE", "POP_JUMP", "FOR_ITER")) and name != "RETURN_GENERATOR":
                return None
            if one.opcode in dis.hasjrel or one.opcode in dis.hasjabs:
                offset = one.argval
            elif place + 1 < len(self._instructions):
                offset = self._instructions[place + 1].offset
        return None


# --- how it is seen --------------------------------------------------------------------------------------------------


class _Monitoring:  # pragma: no cover - from Python 3.12 on
    """`sys.monitoring`: events of branches in the application's functions, off for good once both ways were seen."""

    def __init__(self, record: _Record, tool: int) -> None:
        self._record = record
        self._tool = tool
        self._thread = threading.get_ident()
        self._ways: dict[tuple[int, int], int] = {}
        self._watched: dict[int, CodeType] = {}

    @classmethod
    def started(cls, record: _Record) -> _Monitoring | None:
        """Take a free tool number; None where the interpreter has no monitoring or others have them all."""
        for tool in TOOLS if _monitoring is not None else ():
            try:
                _monitoring.use_tool_id(tool, "wsreplay")
            except ValueError:
                continue
            backend = cls(record, tool)
            backend._listen()
            return backend
        return None

    def _listen(self) -> None:
        events = _monitoring.events
        for event, callback in self._callbacks().items():
            _monitoring.register_callback(self._tool, event, callback)
        # What was switched off under this number stays off otherwise.
        _monitoring.restart_events()
        _monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME | events.EXCEPTION_HANDLED)

    def _callbacks(self) -> dict[int, Callable[..., Any]]:
        events = _monitoring.events
        return {
            events.PY_START: self._start,
            events.PY_RESUME: self._resume,
            events.BRANCH: self._branch,
            events.EXCEPTION_HANDLED: self._caught,
        }

    def stop(self) -> None:
        """Leave no event, no callback and no number taken."""
        _monitoring.set_events(self._tool, 0)
        for code in self._watched.values():
            _monitoring.set_local_events(self._tool, code, 0)
        for event in self._callbacks():
            _monitoring.register_callback(self._tool, event, None)
        _monitoring.free_tool_id(self._tool)

    def pause(self) -> None:
        """Other code costs nothing as it is."""

    def resume(self) -> None:
        """Nothing was switched off."""

    def reset(self) -> None:
        """Switch on what was switched off."""
        self._ways.clear()
        _monitoring.restart_events()

    def _start(self, code: CodeType, offset: int) -> Any:
        if self._record.head(code) >= 0:
            if threading.get_ident() != self._thread:
                return None
            self._record.enter(code)
        return self._resume(code, offset)

    def _resume(self, code: CodeType, _offset: int) -> Any:
        if self._record.head(code) >= 0 and id(code) not in self._watched:
            self._watched[id(code)] = code
            _monitoring.set_local_events(self._tool, code, _monitoring.events.BRANCH)
        return _monitoring.DISABLE

    def _branch(self, code: CodeType, source: int, target: int) -> Any:
        if threading.get_ident() != self._thread:
            return None
        number = id(code)
        key = (number, source, target)
        if key not in self._record.seen:
            self._record.add(code, key, "branch", source, target)
            self._ways[number, source] = self._ways.get((number, source), 0) + 1
        return _monitoring.DISABLE if self._ways.get((number, source), 0) >= 2 else None

    def _caught(self, code: CodeType, offset: int, exception: BaseException) -> None:
        traceback = exception.__traceback__
        if self._record.head(code) < 0 or threading.get_ident() != self._thread or traceback is None:
            return
        line = traceback.tb_lineno or 0
        if not isinstance(exception, StopAsyncIteration):
            line = -line
        self._record.add(code, (id(code), line, offset), "caught", line, offset)


class _Settrace:  # pragma: no cover - what measures this file is a trace function too, and there is one at a time
    """`sys.settrace`, limited to application files; stays out of the way of a trace function that is there."""

    def __init__(self, record: _Record) -> None:
        self._record = record
        self._call = self._caller()

    @classmethod
    def started(cls, record: _Record) -> _Settrace | None:
        """Trace, unless somebody else does."""
        if sys.gettrace() is not None:
            return None
        backend = cls(record)
        sys.settrace(backend._call)
        return backend

    def stop(self) -> None:
        """End it, unless a debugger has taken our place since."""
        if sys.gettrace() is self._call:
            sys.settrace(None)

    def pause(self) -> None:
        """Every call of a function costs while a trace function is set."""
        if sys.gettrace() is self._call:
            sys.settrace(None)

    def resume(self) -> None:
        """Trace, unless somebody else has begun to."""
        if sys.gettrace() is None:
            sys.settrace(self._call)

    def reset(self) -> None:
        """Nothing is ever switched off."""

    def _caller(self) -> Any:
        record, known = self._record, self._record.heads

        # Called for every function that anybody calls: a closure, with the commonest answer first.
        def call(frame: FrameType, _event: str, _argument: Any) -> Any:
            code = frame.f_code
            number = id(code)
            head = known.get(number)
            if head is None:
                head = record.head(code)
            if head < 0:
                return None
            if frame.f_trace is not None:
                # A generator or coroutine goes on where it was.
                return frame.f_trace
            if frame.f_lasti <= head:
                record.enter(code)
            return self._local(code, number)

        return call

    def _local(self, code: CodeType, number: int) -> Any:
        seen, new = self._record.seen, self._record.new
        before = 0

        def local(inner: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if event == "line":
                now = inner.f_lineno
                key = (number, before, now)
                if key not in seen:
                    seen.add(key)
                    new.append((code, "lines", before, now))
                before = now
            elif event == "exception" and not issubclass(argument[0], StopIteration | StopAsyncIteration):
                before = -abs(before)
            return local

        return local
