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


def patiently(call):
    """Calls again while the server says that it may be of use, when it says so."""
    attempt, deadline = 0, time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            delay = retry_delay_seconds(error, attempt)
            if error.code() not in PASSING or time.monotonic() + delay > deadline:
                raise
        time.sleep(delay)
        attempt += 1


def dispatch(stub, header, events):
    """Sends until nothing is left to send, and returns the results of what was not plainly accepted."""
    answered, deadline = [], time.monotonic() + PATIENCE_SECONDS
    while events:
        batch = Events(header=header, events=events)
        response = patiently(lambda: stub.dispatch(batch, timeout=PATIENCE_SECONDS))
        again = [result.index for result in response.results if result.verdict == EventResult.RETRY]
        answered += [result for result in response.results if result.verdict != EventResult.RETRY]
        events = [events[index] for index in again]
        delay = response.retryDelay.ToTimedelta().total_seconds() if events else 0
        if time.monotonic() + delay > deadline:
            raise TimeoutError(f"{len(events)} events are not durable")
        time.sleep(delay)
    return answered


def ingest(stub, header, batches):
    """Batches over one stream; what is not acknowledged when it breaks goes over another."""
    durable = 0

    def send_rest():
        nonlocal durable
        requests = (
            IngestRequest(sequence=sequence, batch=Events(header=header, events=events))
            for sequence, events in enumerate(batches, start=1)
            if sequence > durable
        )
        for acknowledgement in stub.Ingest(requests, timeout=PATIENCE_SECONDS):
            for result in acknowledgement.results:
                print(f"batch {result.sequence}, event {result.result.id}: {result.result.violations}")
            durable = acknowledgement.sequence
            print(f"durable up to batch {durable}: {acknowledgement.accepted} more")

    patiently(send_rest)


def tail(stub, client_id, limit):
    """How many events there are of a client, from the oldest on."""
    request = TailRequest(client_id=client_id, position=0, limit=limit)
    return sum(len(response.events) for response in stub.Tail(request, timeout=PATIENCE_SECONDS))


def main(address="localhost:8017", client_id="example-python"):
    header = Header(clientId=client_id, sessionId=str(uuid.uuid4()), userId=7)
    with grpc.insecure_channel(address) as channel:
        wrong = Event(id="x" * 257, launchEvent={})
        for result in dispatch(EventServiceStub(channel), header, [added_to_cart("A1", 9.99), wrong]):
            reasons = "; ".join(f"{v.field} {v.description}" for v in result.violations)
            print(f"event {result.index}: {EventResult.Verdict.Name(result.verdict)}: {reasons}")

        stub = IngestServiceStub(channel)
        batches = [[added_to_cart(f"B{number}", 1.5) for number in range(10)] for _ in range(3)]
        ingest(stub, header, batches)
        print("tailed", patiently(lambda: tail(stub, client_id, limit=31)))


if __name__ == "__main__":
    main(*sys.argv[1:])
