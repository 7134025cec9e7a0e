"""Events from Python's grpcio, by descriptors: python client.py HOST:PORT OLD_SET NEW_SET CLIENT_ID.

OLD_SET is the compiled contract of clients in the field, NEW_SET the server's own, with its streams.
"""

import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DEADLINE_SECONDS = 10


class Contract:
    """Message classes from a compiled descriptor set."""

    def __init__(self, path):
        files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as source:
            files.ParseFromString(source.read())
        self._pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self._pool.Add(file)

    def message(self, name):
        descriptor = self._pool.FindMessageTypeByName(name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self._pool).GetPrototype(descriptor)


def batch(contract, client_id, first, count, session="py-session"):
    """A batch with ids p<first> and up: the three kinds of event in turn."""
    events = contract.message("event.Events")()
    header = events.header
    header.sessionId, header.userId, header.clientId = session, 9007199254740993, client_id
    header.deviceId, header.os, header.appVersion = "device-1", "android", "4.2.0"
    header.utmSource, header.utmMedium, header.utmCampaign = "newsletter", "email", "grüße"
    for number in range(first, first + count):
        event = events.events.add()
        event.id, event.timestamp = f"p{number}", "2026-03-01T12:00:00.123456Z"
        event.currentURL = f"https://shop.example/{number}"
        if number % 3 == 0:
            event.launchEvent.referrer, event.launchEvent.landingPage = "search", "/"
        elif number % 3 == 1:
            event.addToCartEvent.productId = f"sku-{number}"
            event.addToCartEvent.productName = "Tasse ☕"
            event.addToCartEvent.price, event.addToCartEvent.quantity = 12.5, number
        else:
            event.completePurchaseEvent.orderId = f"order-{number}"
            event.completePurchaseEvent.totalAmount = 99.95
            event.completePurchaseEvent.currency = "EUR"
            event.completePurchaseEvent.paymentMethod = "card"
    return events


def main(address, old_set, new_set, client_id):
    old, new = Contract(old_set), Contract(new_set)
    channel = grpc.insecure_channel(address)
    grpc.channel_ready_future(channel).result(timeout=DEADLINE_SECONDS)

    def serialize(message):
        return message.SerializeToString()

    dispatch = channel.unary_unary(
        "/event.EventService/dispatch",
        request_serializer=serialize,
        response_deserializer=old.message("event.Response").FromString,
    )

    def dispatches_a_batch():
        response = dispatch(batch(old, client_id, 0, 30), timeout=DEADLINE_SECONDS)
        assert response.status == "SUCCESS", response

    def sends_again_without_harm():
        response = dispatch(batch(old, client_id, 0, 30), timeout=DEADLINE_SECONDS)
        assert response.status == "SUCCESS", response

    def one_bad_event_costs_only_itself():
        events = batch(old, client_id, 30, 3)
        events.events[1].id = "x" * 257
        response = dispatch(events, timeout=DEADLINE_SECONDS)
        assert response.status == "ERROR", response

    def sees_status_and_details_of_a_refusal():
        raw = channel.unary_unary("/event.EventService/dispatch")
        try:
            raw(b"\x0a\xff\xff\xff\xff\x0f", timeout=DEADLINE_SECONDS)
            raise AssertionError("a request that is no protobuf was taken")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
            assert error.details(), error

    def unknown_methods_are_unimplemented():
        try:
            channel.unary_unary("/event.EventService/Nothing")(b"", timeout=DEADLINE_SECONDS)
            raise AssertionError("a method that is not there answered")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error

    def ingests_over_a_bidirectional_stream():
        ingest = channel.stream_stream(
            "/wirebrook.ingest.v1.IngestService/Ingest",
            request_serializer=serialize,
            response_deserializer=new.message("wirebrook.ingest.v1.IngestResponse").FromString,
        )

        def requests():
            for sequence in range(1, 11):
                request = new.message("wirebrook.ingest.v1.IngestRequest")()
                request.sequence = sequence
                request.batch.CopyFrom(batch(new, client_id, 100 * sequence, 10))
                yield request

        responses = list(ingest(requests(), timeout=DEADLINE_SECONDS))
        assert responses[-1].sequence == 10, responses
        assert sum(response.accepted for response in responses) == 100, responses

    def uploads_over_a_client_stream():
        upload = channel.stream_unary(
            "/wirebrook.ingest.v1.IngestService/Upload",
            request_serializer=serialize,
            response_deserializer=new.message("wirebrook.ingest.v1.UploadResponse").FromString,
        )

        def requests():
            for number in range(5):
                request = new.message("wirebrook.ingest.v1.UploadRequest")()
                request.batch.CopyFrom(batch(new, client_id, 10_000 + 10 * number, 10))
                yield request

        response = upload(requests(), timeout=DEADLINE_SECONDS)
        assert (response.batches, response.accepted) == (5, 50), response

    def cancels_a_tail():
        tail = channel.unary_stream(
            "/wirebrook.ingest.v1.IngestService/Tail",
            request_serializer=serialize,
            response_deserializer=new.message("wirebrook.ingest.v1.TailResponse").FromString,
        )
        request = new.message("wirebrook.ingest.v1.TailRequest")()
        request.position, request.client_id = 0, client_id
        call = tail(request, timeout=DEADLINE_SECONDS)
        event = next(call).events[0]
        assert event.header.clientId == client_id, event
        call.cancel()
        assert call.code() == grpc.StatusCode.CANCELLED, call.code()

    failures = 0
    for test in (
        dispatches_a_batch,
        sends_again_without_harm,
        one_bad_event_costs_only_itself,
        sees_status_and_details_of_a_refusal,
        unknown_methods_are_unimplemented,
        ingests_over_a_bidirectional_stream,
        uploads_over_a_client_stream,
        cancels_a_tail,
    ):
        try:
            test()
            print(f"ok python {test.__name__}")
        except Exception as failure:  # every test gets its line
            failures += 1
            print(f"FAIL python {test.__name__}: {type(failure).__name__} {failure}".replace("\n", " "))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
