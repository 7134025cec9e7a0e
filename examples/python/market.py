"""Publishes and follows market data: python market.py [HOST:PORT [PREFIX]]."""

import asyncio
import datetime
import random
import sys

import grpc
from google.protobuf.json_format import MessageToDict
from wirebrook.market.v1.market_pb2 import (
    BatchGetSnapshotsRequest,
    Delivery,
    GetSnapshotRequest,
    PutSnapshotsRequest,
    ResumePoint,
    Snapshot,
    StreamMarketDataRequest,
    SubscribeSnapshotsRequest,
)
from wirebrook.market.v1.market_pb2_grpc import MarketDataServiceStub

TIMEOUT_SECONDS = 10
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED}
UNKNOWN = dict.fromkeys(field.name for field in Snapshot.DESCRIPTOR.fields)


def as_dict(snapshot):
    """Every field by its name; None: never published."""
    known = MessageToDict(snapshot, preserving_proto_field_name=True)
    known["sequence"] = snapshot.sequence
    known["exchange_time"] = snapshot.exchange_time.ToDatetime(tzinfo=datetime.timezone.utc)
    return {**UNKNOWN, **known}


def numbers(symbols):
    return [symbol for symbol in symbols if isinstance(symbol, int)]


def names(symbols):
    return [symbol for symbol in symbols if isinstance(symbol, str)]


class Order:
    """Leaves out what a new stream sends of what has come before."""

    def __init__(self):
        self.epoch, self.progress, self.last, self.missing = None, None, {}, False

    def begin(self):
        """A new stream; where it goes on, or None."""
        self.missing = False
        return self.progress

    def fresh(self, response):
        if response.HasField("started") and response.started.epoch != self.epoch:
            self.epoch, self.progress, self.last = response.started.epoch, None, {}
        if any(status.symbol for status in response.statuses):
            # It has no number yet: the next stream begins with all that is known.
            self.missing, self.progress = True, None
        for update in response.updates:
            snapshot = update.snapshot
            if snapshot.sequence > self.last.get(snapshot.symbol_id, 0):
                self.last[snapshot.symbol_id] = snapshot.sequence
                yield as_dict(snapshot)
        if response.HasField("progress") and not self.missing:
            self.progress = ResumePoint(epoch=self.epoch, sequence=response.progress.sequence)


async def pause(error, attempt):
    """Until the next try: twice as long each time, up to 5 s, less a random part."""
    if error.code() not in PASSING:
        raise error
    await asyncio.sleep(min(5, 0.1 * 2**attempt) * random.uniform(0.5, 1))


class MarketDataStream:
    """Snapshots of symbols that come and go: `async for`, with subscribe and unsubscribe meanwhile."""

    def __init__(self, stub, symbols):
        self._stub, self._wanted, self._call = stub, set(symbols), None

    async def subscribe(self, symbols):
        self._wanted |= set(symbols)
        await self._tell(subscribe_ids=numbers(symbols), subscribe_symbols=names(symbols))

    async def unsubscribe(self, symbols):
        self._wanted -= set(symbols)
        await self._tell(unsubscribe_ids=numbers(symbols), unsubscribe_symbols=names(symbols))

    async def _tell(self, **change):
        if self._call:
            await self._call.write(StreamMarketDataRequest(**change))

    async def __aiter__(self):
        order, attempt = Order(), 0
        while True:
            self._call = self._stub.StreamMarketData()
            try:
                await self.subscribe(list(self._wanted))
                async for response in self._call:
                    attempt = 0
                    for snapshot in order.fresh(response):
                        if {snapshot["symbol_id"], snapshot["symbol"]} & self._wanted:
                            yield snapshot
            except grpc.aio.AioRpcError as error:
                await pause(error, attempt)
                attempt += 1
            finally:
                self._call.cancel()


class MarketDataClient:
    """Symbols are named by their numbers or their names."""

    def __init__(self, address="localhost:8017"):
        self._address = address

    async def connect(self):
        self._channel = grpc.aio.insecure_channel(self._address)
        self._stub = MarketDataServiceStub(self._channel)

    async def close(self):
        await self._channel.close()

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def get_snapshot(self, symbol_id=0, symbol=""):
        """None: nothing was published for it."""
        try:
            request = GetSnapshotRequest(symbol_id=symbol_id, symbol=symbol)
            return as_dict((await self._stub.GetSnapshot(request, timeout=TIMEOUT_SECONDS)).snapshot)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return None
            raise

    async def get_batch_snapshots(self, symbols):
        """By number, of up to 10,000 symbols in one call; those that have no snapshot are left out."""
        request = BatchGetSnapshotsRequest(symbol_ids=numbers(symbols), symbols=names(symbols))
        response = await self._stub.BatchGetSnapshots(request, timeout=TIMEOUT_SECONDS)
        found = (result.snapshot for result in response.results if result.HasField("snapshot"))
        return {snapshot.symbol_id: as_dict(snapshot) for snapshot in found}

    async def subscribe_snapshots(self, symbols=None, **delivery):
        """What is known of each now, then as it changes; None: of all. Outlives the connection."""
        order, attempt = Order(), 0
        while True:
            request = SubscribeSnapshotsRequest(
                symbol_ids=numbers(symbols or []),
                symbols=names(symbols or []),
                all=symbols is None,
                delivery=Delivery(**delivery),
                resume=order.begin(),
            )
            call = self._stub.SubscribeSnapshots(request)
            try:
                async for response in call:
                    attempt = 0
                    for snapshot in order.fresh(response):
                        yield snapshot
            except grpc.aio.AioRpcError as error:
                await pause(error, attempt)
                attempt += 1
            finally:
                call.cancel()

    def stream_market_data(self, initial_symbols=()):
        return MarketDataStream(self._stub, initial_symbols)

    async def publish(self, *snapshots):
        """Dicts with symbol_id or symbol, and what has changed. Returns when they are durable."""
        request = PutSnapshotsRequest(snapshots=[Snapshot(**snapshot) for snapshot in snapshots])
        response = await self._stub.PutSnapshots(request, timeout=TIMEOUT_SECONDS)
        for result in response.results:
            raise ValueError(result.status.message)


async def main(address="localhost:8017", prefix="example-python"):
    tcs, infy = f"{prefix}-TCS", f"{prefix}-INFY"
    async with MarketDataClient(address) as client:
        await client.publish({"symbol": tcs, "ltp": 3520.5}, {"symbol": infy, "ltp": 1500.25})
        snapshot = await client.get_snapshot(symbol=tcs)
        print("ltp", snapshot["ltp"], "bid", snapshot["bid"])

        snapshots = await client.get_batch_snapshots([snapshot["symbol_id"], infy, f"{prefix}-none"])
        print("batch of", len(snapshots))

        async for update in client.subscribe_snapshots([snapshot["symbol_id"]]):
            if update["ltp"] == 3521.5:
                print("pushed", update["ltp"])
                break
            await client.publish({"symbol": tcs, "ltp": 3521.5})

        stream = client.stream_market_data(initial_symbols=[tcs])
        async for update in stream:
            if update["symbol"] == infy:
                print("streamed", update["ltp"])
                break
            await stream.subscribe([infy])
            await stream.unsubscribe([tcs])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
