// Sends events to Wirebrook and reads them back: node events.js [HOST:PORT [CLIENT_ID]]
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { EventResult_Verdict as Verdict, EventService } from './stubs/event/event_pb.js';
import { RetryInfoSchema } from './stubs/google/rpc/error_details_pb.js';
import { IngestService } from './stubs/wirebrook/ingest/v1/ingest_pb.js';

const patienceMillis = 30_000;
const passing = [Code.Unavailable, Code.ResourceExhausted, Code.Aborted, Code.DeadlineExceeded];

// An id of our own makes sending again safe: the event is stored once.
const addedToCart = (productId, price) => ({
  id: randomUUID(),
  timestamp: String(Date.now()),
  EventOf: { case: 'addToCartEvent', value: { productId, price, quantity: 1 } },
});

const millis = (duration) => Number(duration?.seconds ?? 0) * 1_000 + (duration?.nanos ?? 0) / 1e6;

// What the server asks for, else twice as long each time, less a random part.
function retryDelayMillis(error, attempt) {
  const [retry] = error.findDetails(RetryInfoSchema);
  return retry ? millis(retry.retryDelay) : 100 * 2 ** attempt * (0.5 + Math.random() / 2);
}

// Calls again while the server says that it may be of use, when it says so.
async function patiently(call) {
  const deadline = Date.now() + patienceMillis;
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (cause) {
      if (!(cause instanceof ConnectError) || !passing.includes(cause.code)) throw cause;
      const delay = retryDelayMillis(cause, attempt);
      if (Date.now() + delay > deadline) throw cause;
      await sleep(delay);
    }
  }
}

// Sends until nothing is left to send, and returns the results of what was not plainly accepted.
async function dispatch(client, header, events) {
  const answered = [];
  const deadline = Date.now() + patienceMillis;
  while (events.length > 0) {
    const batch = { header, events };
    const { results, retryDelay } = await patiently(() => client.dispatch(batch, { timeoutMs: patienceMillis }));
    answered.push(...results.filter(({ verdict }) => verdict !== Verdict.RETRY));
    events = results.filter(({ verdict }) => verdict === Verdict.RETRY).map(({ index }) => batch.events[index]);
    const delay = events.length > 0 ? millis(retryDelay) : 0;
    if (Date.now() + delay > deadline) throw new Error(`${events.length} events are not durable`);
    await sleep(delay);
  }
  return answered;
}

// Batches over one stream; what is not acknowledged when it breaks goes over another.
async function ingest(client, header, batches) {
  let durable = 0n;
  async function* rest() {
    let sequence = 0n;
    for (const events of batches) if (++sequence > durable) yield { sequence, batch: { header, events } };
  }
  await patiently(async () => {
    for await (const { sequence, accepted, results } of client.ingest(rest(), { timeoutMs: patienceMillis })) {
      for (const { result } of results) console.log(`event ${result.id}:`, result.violations);
      durable = sequence;
      console.log(`durable up to batch ${sequence}: ${accepted} more`);
    }
  });
}

// How many events there are of a client, from the oldest on.
async function tail(client, clientId, limit) {
  let tailed = 0;
  for await (const { events } of client.tail({ clientId, position: 0n, limit }, { timeoutMs: patienceMillis })) {
    tailed += events.length;
  }
  return tailed;
}

const [address = 'localhost:8017', clientId = 'example-node'] = process.argv.slice(2);
const transport = createGrpcTransport({ baseUrl: `http://${address}` });
const header = { clientId, sessionId: randomUUID(), userId: 7n };

const wrong = { id: 'x'.repeat(257), EventOf: { case: 'launchEvent', value: {} } };
for (const result of await dispatch(createClient(EventService, transport), header, [addedToCart('A1', 9.99), wrong])) {
  const reasons = result.violations.map(({ field, description }) => `${field} ${description}`);
  console.log(`event ${result.index}: ${Verdict[result.verdict]}: ${reasons.join('; ')}`);
}

const client = createClient(IngestService, transport);
const batches = Array.from({ length: 3 }, () => Array.from({ length: 10 }, (_, i) => addedToCart(`B${i}`, 1.5)));
await ingest(client, header, batches);
console.log('tailed', await patiently(() => tail(client, clientId, 31n)));
