// Publishes and follows market data: node market.js [HOST:PORT [PREFIX]]
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { MarketDataService } from './stubs/wirebrook/market/v1/market_pb.js';

const timeoutMs = 10_000;
const passing = [Code.Unavailable, Code.Aborted, Code.Canceled];
const numbers = (symbols) => symbols.filter((symbol) => typeof symbol === 'number');
const names = (symbols) => symbols.filter((symbol) => typeof symbol === 'string');

// Until the next try: twice as long each time, up to 5 s, less a random part.
async function pause(cause, attempt) {
  if (!(cause instanceof ConnectError) || !passing.includes(cause.code)) throw cause;
  await sleep(Math.min(5_000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2));
}

// Leaves out what a new stream sends of what has come before.
class Order {
  epoch = undefined;
  resume = undefined;
  #last = new Map();
  #missing = false;

  // A new stream; where it goes on, if anywhere.
  begin() {
    this.#missing = false;
    return this.resume;
  }

  *fresh({ started, statuses, updates, progress }) {
    if (started && started.epoch !== this.epoch) {
      this.epoch = started.epoch;
      this.resume = undefined;
      this.#last.clear();
    }
    if (statuses.some(({ symbol }) => symbol)) {
      // It has no number yet: the next stream begins with all that is known.
      this.#missing = true;
      this.resume = undefined;
    }
    for (const { snapshot } of updates) {
      if (snapshot.sequence > (this.#last.get(snapshot.symbolId) ?? 0n)) {
        this.#last.set(snapshot.symbolId, snapshot.sequence);
        yield snapshot;
      }
    }
    if (progress && !this.#missing) this.resume = { epoch: this.epoch, sequence: progress.sequence };
  }
}

// Snapshots of symbols that come and go: `for await`, with subscribe and unsubscribe meanwhile.
class MarketDataStream {
  #client;
  #wanted;
  #changes = [];
  #wake = () => {};

  constructor(client, symbols) {
    this.#client = client;
    this.#wanted = new Set(symbols);
  }

  subscribe(symbols) {
    symbols.forEach((symbol) => this.#wanted.add(symbol));
    this.#tell({ subscribeIds: numbers(symbols), subscribeSymbols: names(symbols) });
  }

  unsubscribe(symbols) {
    symbols.forEach((symbol) => this.#wanted.delete(symbol));
    this.#tell({ unsubscribeIds: numbers(symbols), unsubscribeSymbols: names(symbols) });
  }

  #tell(change) {
    this.#changes.push(change);
    this.#wake();
  }

  async *#requests(signal) {
    signal.addEventListener('abort', () => this.#wake());
    const wanted = [...this.#wanted];
    this.#changes = [{ subscribeIds: numbers(wanted), subscribeSymbols: names(wanted) }];
    while (!signal.aborted) {
      while (this.#changes.length > 0) yield this.#changes.shift();
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  async *[Symbol.asyncIterator]() {
    const order = new Order();
    for (let attempt = 0; ; attempt++) {
      const ended = new AbortController();
      try {
        const { signal } = ended;
        for await (const response of this.#client.streamMarketData(this.#requests(signal), { signal })) {
          attempt = 0;
          for (const snapshot of order.fresh(response)) {
            if (this.#wanted.has(snapshot.symbolId) || this.#wanted.has(snapshot.symbol)) yield snapshot;
          }
        }
      } catch (cause) {
        await pause(cause, attempt);
      } finally {
        ended.abort();
      }
    }
  }
}

// Symbols are named by their numbers or their names.
class MarketDataClient {
  #client;

  constructor(address = 'localhost:8017') {
    this.#client = createClient(MarketDataService, createGrpcTransport({ baseUrl: `http://${address}` }));
  }

  // Undefined: nothing was published for it.
  async getSnapshot(symbol) {
    const [snapshot] = (await this.getBatchSnapshots([symbol])).values();
    return snapshot;
  }

  // By number, of up to 10,000 symbols in one call; those that have no snapshot are left out.
  async getBatchSnapshots(symbols) {
    const request = { symbolIds: numbers(symbols), symbols: names(symbols) };
    const { results } = await this.#client.batchGetSnapshots(request, { timeoutMs });
    return new Map(results.filter(({ snapshot }) => snapshot).map(({ snapshot }) => [snapshot.symbolId, snapshot]));
  }

  // What is known of each now, then as it changes; undefined: of all. Outlives the connection.
  async *subscribeSnapshots(symbols, delivery = {}) {
    const order = new Order();
    const which = symbols ? { symbolIds: numbers(symbols), symbols: names(symbols) } : { all: true };
    for (let attempt = 0; ; attempt++) {
      const ended = new AbortController();
      try {
        const request = { ...which, delivery, resume: order.begin() };
        for await (const response of this.#client.subscribeSnapshots(request, { signal: ended.signal })) {
          attempt = 0;
          yield* order.fresh(response);
        }
      } catch (cause) {
        await pause(cause, attempt);
      } finally {
        ended.abort();
      }
    }
  }

  streamMarketData(initialSymbols = []) {
    return new MarketDataStream(this.#client, initialSymbols);
  }

  // Objects with symbolId or symbol, and what has changed. Returns when they are durable.
  async publish(...snapshots) {
    const { results } = await this.#client.putSnapshots({ snapshots }, { timeoutMs });
    for (const { status } of results) throw new Error(status.message);
  }
}

const [address = 'localhost:8017', prefix = 'example-node'] = process.argv.slice(2);
const [tcs, infy] = [`${prefix}-TCS`, `${prefix}-INFY`];
const client = new MarketDataClient(address);

await client.publish({ symbol: tcs, ltp: 3520.5 }, { symbol: infy, ltp: 1500.25 });
const { symbolId, ltp, bid } = await client.getSnapshot(tcs);
console.log('ltp', ltp, 'bid', bid);

console.log('batch of', (await client.getBatchSnapshots([symbolId, infy, `${prefix}-none`])).size);

for await (const update of client.subscribeSnapshots([symbolId])) {
  if (update.ltp === 3521.5) {
    console.log('pushed', update.ltp);
    break;
  }
  await client.publish({ symbol: tcs, ltp: 3521.5 });
}

const stream = client.streamMarketData([tcs]);
for await (const update of stream) {
  if (update.symbol === infy) {
    console.log('streamed', update.ltp);
    break;
  }
  stream.subscribe([infy]);
  stream.unsubscribe([tcs]);
}
