"""Sends events to Wirebrook and reads them back: python events.py [HOST:PORT [CLIENT_ID]]."""

import random
import sys
import time
import uuid

import grpc
from event.event_pb2 import Event, EventResult, Events, Header
from event.event_pb2_grpc import EventServiceStub
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from wirebrook.ingest.v1.ingest_pb2 import IngestRequest, TailRequest
from wirebrook.ingest.v1.ingest_pb2_grpc import IngestServiceStub

PATIENCE_SECONDS = 30
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}


def added_to_cart(product_id, price):
    """An id of our own makes sending again safe: the event is stored once."""
    event = Event(id=str(uuid.uuid4()), timestamp=str(time.time_ns() // 1_000_000))
    event.addToCartEvent.productId = product_id
    event.addToCartEvent.price = price
    event.addToCartEvent.quantity = 1
    return event


def retry_delay_seconds(error, attempt):
    """What the server asks for, else twice as long each time, less a random part."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in Status.FromString(value).details:
                retry = RetryInfo()
                if detail.Unpack(retry):
                    return retry.retry_delay.ToTimedelta().total_seconds()
    return 0.1 * 2**attempt * random.uniform(0.5, 1)


def dispatch(stub, header, events):
    """Sends until nothing is left to send, and returns the results of what was not plainly accepted."""
    answered, attempt, deadline = [], 0, time.monotonic() + PATIENCE_SECONDS
    while events:
        try:
            left = deadline - time.monotonic()
            response = stub.dispatch(Events(header=header, events=events), timeout=left)
        except grpc.RpcError as error:
            delay = retry_delay_seconds(error, attempt)
            if error.code() not in PASSING or time.monotonic() + delay > deadline:
                raise
        else:
            again = [result.index for result in response.results if result.verdict == EventResult.RETRY]
            answered += [result for result in response.results if result.verdict != EventResult.RETRY]
            events = [events[index] for index in again]
            delay = response.retryDelay.ToTimedelta().total_seconds() if events else 0
            if time.monotonic() + delay > deadline:
                raise TimeoutError(f"{len(events)} events are not durable")
        time.sleep(delay)
        attempt += 1
    return answered


def ingest(stub, header, batches):
    """Batches over one stream; yields how many events each acknowledgement makes durable."""
    requests = (
        IngestRequest(sequence=sequence, batch=Events(header=header, events=events))
        for sequence, events in enumerate(batches, start=1)
    )
    for acknowledgement in stub.Ingest(requests):
        for result in acknowledgement.results:
            print(f"batch {result.sequence}, event {result.result.id}: {result.result.violations}")
        yield acknowledgement.sequence, acknowledgement.accepted


def main(address="localhost:8017", client_id="example-python"):
    header = Header(clientId=client_id, sessionId=str(uuid.uuid4()), userId=7)
    with grpc.insecure_channel(address) as channel:
        wrong = Event(id="x" * 257, launchEvent={})
        for result in dispatch(EventServiceStub(channel), header, [added_to_cart("A1", 9.99), wrong]):
            reasons = "; ".join(f"{v.field} {v.description}" for v in result.violations)
            print(f"event {result.index}: {EventResult.Verdict.Name(result.verdict)}: {reasons}")

        stub = IngestServiceStub(channel)
        batches = [[added_to_cart(f"B{number}", 1.5) for number in range(10)] for _ in range(3)]
        for sequence, accepted in ingest(stub, header, batches):
            print(f"durable up to batch {sequence}: {accepted} more")

        tail = stub.Tail(TailRequest(client_id=client_id, position=0, limit=31), timeout=PATIENCE_SECONDS)
        print("tailed", sum(len(response.events) for response in tail))


if __name__ == "__main__":
    main(*sys.argv[1:])
