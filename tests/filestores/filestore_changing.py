"""What Filestore does when instances are made and grown: operations that take their time, fail halfway or whose answer
is lost. Speaks neither gRPC nor HTTP: the servers do, and share this."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import grpc
from google.cloud import filestore_v1 as types
from google.cloud.common import OperationMetadata
from google.longrunning import operations_pb2
from google.rpc import code_pb2

Code = grpc.StatusCode
State = types.Instance.State


class Account(Protocol):
    """What a project holds."""

    instances: Sequence[types.Instance]


class Refused(Exception):
    """Google's answer to what it does not do."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


Fault = Refused | Literal["lost", "mute", "garbled", "unheard"]
"""lost: worked, and the connection breaks. mute: worked, and never answered. garbled: worked, and the answer can't be
read. unheard: neither worked nor answered."""


@dataclass
class Failure:
    """How an operation fails halfway. `leaves` an instance in the state ERROR, or nothing."""

    message: str = "not enough quota"
    code: int = code_pb2.RESOURCE_EXHAUSTED
    leaves: bool = True


@dataclass
class Work:
    """One operation: `looks` more until `end` is done."""

    name: str
    target: str
    verb: str
    looks: int
    began: int
    end: Callable[[], None]
    failure: Failure | None = None
    detail: str = ""
    done: bool = False

    def message(self) -> operations_pb2.Operation:
        about = OperationMetadata(target=self.target, verb=self.verb, status_detail=self.detail, api_version="v1")
        about.create_time = {"seconds": self.began}
        operation = operations_pb2.Operation(name=self.name, done=self.done)
        operation.metadata.Pack(OperationMetadata.pb(about))
        if self.done and self.failure:
            operation.error.code, operation.error.message = self.failure.code, self.failure.message
        elif self.done:
            operation.response.Pack(types.Instance.pb(types.Instance(name=self.target)))
        return operation


@dataclass
class Changing:
    """The changes of all projects. An operation ends after `looks` looks at it or its instance, unless `held`.

    `faults` are answers to the 1st, 2nd … request that changes something, `failures` the ends of their operations.
    `changes` is every such request that came in, `seen` the methods of all, `begun` is set when one has begun an
    operation; `answers` by method come before what is true, once each. `lacking` are the rights that whoever asks has
    not.
    """

    projects: Mapping[str, Account]
    looks: int = 1
    held: bool = False
    detail: str = ""
    faults: dict[int, Fault] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    answers: dict[str, list[Refused]] = field(default_factory=dict)
    changes: list[Any] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    begun: threading.Event = field(default_factory=threading.Event)

    def arrived(self, request: Any) -> Fault | None:
        """Takes note of a request that changes something; how it is to be answered, None: with the truth."""
        self.changes.append(request)
        self.seen.add(type(request).__name__.removesuffix("Request"))
        return self.faults.get(len(self.changes))

    def given(self, project: str, rights: Sequence[str]) -> list[str]:
        """Those of RIGHTS that whoever asks has in PROJECT."""
        refused = self.answers.get("TestIamPermissions")
        if refused:
            raise refused.pop(0)
        if project not in self.projects:
            raise Refused(Code.PERMISSION_DENIED, "The caller does not have permission")
        return [right for right in rights if right not in self.lacking]

    def create_instance(self, request: types.CreateInstanceRequest) -> operations_pb2.Operation:
        name = f"{request.parent}/instances/{request.instance_id}"
        if self._find(name) is not None:
            raise Refused(Code.ALREADY_EXISTS, f"Resource '{name}' already exists")
        made = types.Instance(types.Instance.pb(request.instance))
        made.name, made.state = name, State.CREATING
        account = self._account(name)
        account.instances = (*account.instances, made)

        def end() -> None:
            made.state = State.READY
            made.networks[0].ip_addresses = [f"10.9.0.{len(account.instances)}"]

        return self._begin(name, "create", end)

    def update_instance(self, request: types.UpdateInstanceRequest) -> operations_pb2.Operation:
        there = self._find(request.instance.name)
        if there is None:
            raise Refused(Code.NOT_FOUND, f"Resource '{request.instance.name}' was not found")
        if any(not work.done and work.target == there.name for work in self.works):
            raise Refused(Code.ABORTED, f"operation in progress on '{there.name}'")
        if request.instance.etag != there.etag:
            raise Refused(Code.FAILED_PRECONDITION, "etag mismatch")
        if list(request.update_mask.paths) != ["file_shares"]:
            raise Refused(Code.INVALID_ARGUMENT, "update_mask")
        shares = copy.deepcopy(list(request.instance.file_shares))

        def end() -> None:
            there.file_shares = shares

        return self._begin(there.name, "update", end)

    def get_instance(self, request: types.GetInstanceRequest) -> types.Instance:
        self._answer("GetInstance")
        self._look(lambda work: work.target == request.name)
        found = self._find(request.name)
        if found is None:
            raise Refused(Code.NOT_FOUND, f"Resource '{request.name}' was not found")
        return found

    def get_operation(self, request: operations_pb2.GetOperationRequest) -> operations_pb2.Operation:
        self._answer("GetOperation")
        self._look(lambda work: work.name == request.name)
        for work in self.works:
            if work.name == request.name:
                return work.message()
        raise Refused(Code.NOT_FOUND, f"Resource '{request.name}' was not found")

    def list_operations(self, request: operations_pb2.ListOperationsRequest) -> operations_pb2.ListOperationsResponse:
        """Two on a page."""
        self._answer("ListOperations")
        mine = [work for work in self.works if work.name.startswith(f"{request.name}/operations/")]
        page = int(request.page_token or 0)
        return operations_pb2.ListOperationsResponse(
            operations=[work.message() for work in mine[2 * page : 2 * page + 2]],
            next_page_token=str(page + 1) if len(mine) > 2 * page + 2 else "",
        )

    def _begin(self, target: str, verb: str, end: Callable[[], None]) -> operations_pb2.Operation:
        number = len(self.works) + 1
        work = Work(
            name=f"{target.rpartition('/instances/')[0]}/operations/operation-{number}",
            target=target, verb=verb, looks=self.looks, began=1_700_000_000 + number, end=end,
            failure=self.failures.get(len(self.changes)), detail=self.detail,
        )  # fmt: skip
        self.works.append(work)
        self.begun.set()
        return work.message()

    def _look(self, concerns: Callable[[Work], bool]) -> None:
        for work in self.works:
            if work.done or self.held or not concerns(work):
                continue
            work.looks -= 1
            if work.looks < 0:
                self._end(work)

    def _end(self, work: Work) -> None:
        work.done = True
        if work.failure is None:
            work.end()
        elif work.verb == "create":
            self._leave(work, work.failure)

    def _leave(self, work: Work, failure: Failure) -> None:
        made, account = self._find(work.target), self._account(work.target)
        assert made is not None
        if failure.leaves:
            made.state, made.status_message = State.ERROR, failure.message
        else:
            account.instances = [each for each in account.instances if each.name != work.target]

    def _answer(self, method: str) -> None:
        self.seen.add(method)
        if self.answers.get(method):
            raise self.answers[method].pop(0)

    def _find(self, name: str) -> types.Instance | None:
        return next((each for each in self._account(name).instances if each.name == name), None)

    def _account(self, name: str) -> Account:
        project = name.split("/")[1]
        if project not in self.projects:
            raise Refused(Code.PERMISSION_DENIED, f"denied on 'projects/{project}'")
        return self.projects[project]
