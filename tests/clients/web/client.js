// Events from @connectrpc/connect-web, as browsers have it, in both of its protocols: node client.js URL CLIENT_ID
// The generated ./stubs lie beside it.
import assert from 'node:assert';
import { Code, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { EventResult_Verdict, EventService } from './stubs/event/event_pb.js';
import { BadRequestSchema, ErrorInfoSchema } from './stubs/google/rpc/error_details_pb.js';
import { AdminService, GetStatusResponse_State } from './stubs/wirebrook/admin/v1/admin_pb.js';
import { IngestService } from './stubs/wirebrook/ingest/v1/ingest_pb.js';

const [baseUrl, client] = process.argv.slice(2);
const within = { timeoutMs: 10_000 };

function batch(clientId, count) {
  return {
    header: { clientId, userId: -7n, utmCampaign: 'grüße' },
    events: Array.from({ length: count }, (_, i) => ({
      id: `w${i}`,
      EventOf: { case: 'addToCartEvent', value: { productId: `sku-${i}`, productName: 'Krug ☕', price: 7.5, quantity: 1 } },
    })),
  };
}

function testsOf(transport, clientId) {
  const events = createClient(EventService, transport);
  const ingest = createClient(IngestService, transport);
  const admin = createClient(AdminService, transport);
  return {
    async dispatches_a_batch() {
      const { status, accepted } = await events.dispatch(batch(clientId, 20), within);
      assert.deepStrictEqual([status, accepted], ['SUCCESS', 20]);
    },

    async sends_again_without_harm() {
      assert.strictEqual((await events.dispatch(batch(clientId, 20), within)).status, 'SUCCESS');
    },

    async one_bad_event_costs_only_itself() {
      const { results } = await events.dispatch({ header: { clientId }, events: [{ id: 'bad' }] }, within);
      assert.deepStrictEqual(results.map(({ id, verdict }) => [id, verdict]), [['bad', EventResult_Verdict.REJECTED]]);
    },

    async tails_what_it_sent() {
      const ids = [];
      for await (const { events } of ingest.tail({ clientId, position: 0n, limit: 20n }, within)) {
        for (const { event, header } of events) ids.push(`${header.userId} ${header.utmCampaign} ${event.id}`);
      }
      assert.deepStrictEqual(ids, Array.from({ length: 20 }, (_, i) => `-7 grüße w${i}`));
    },

    async a_quiet_tail_ends_with_its_deadline() {
      const responses = ingest.tail({ clientId: 'nobody' }, { timeoutMs: 500 });
      await assert.rejects(responses[Symbol.asyncIterator]().next(), { code: Code.DeadlineExceeded });
    },

    async calls_what_operators_call() {
      assert.strictEqual((await admin.getStatus({}, within)).state, GetStatusResponse_State.SERVING);
      assert.ok((await admin.getCatalog({}, within)).types.length >= 78);
      await admin.awaitStored({}, within);
      assert.ok((await admin.listDeadLetters({ pageSize: 1 }, within)).letters.length <= 1);
      assert.ok(Array.isArray((await admin.getDeadLetterStats({}, within)).counts));
      assert.ok((await admin.purgeDeadLetters({ all: true, dryRun: true }, within)).purged >= 0n);
      assert.strictEqual((await admin.drain({ drain: false }, within)).state, GetStatusResponse_State.SERVING);
    },

    async asks_in_sql() {
      const rows = [];
      for await (const response of admin.query({ sql: 'SELECT 1 AS n' }, within)) rows.push(...response.rows);
      assert.strictEqual(rows[0].values[0].kind.value, 1);
    },

    async sees_code_and_details_of_a_refusal() {
      const error = await admin.getDeadLetter({ letterId: 999_999n }, within).then(assert.fail, (refusal) => refusal);
      assert.strictEqual(error.code, Code.NotFound);
      assert.strictEqual(error.findDetails(ErrorInfoSchema)[0].reason, 'NOT_FOUND');
    },

    async sees_code_and_details_of_a_stream_s_refusal() {
      const types = ingest.tail({ types: ['NoSuchEvent'] }, within)[Symbol.asyncIterator]().next();
      const error = await types.then(assert.fail, (refusal) => refusal);
      assert.strictEqual(error.code, Code.InvalidArgument);
      assert.ok(error.findDetails(BadRequestSchema)[0].fieldViolations[0].field.startsWith('types'));
    },
  };
}

const transports = { connect: createConnectTransport({ baseUrl }), 'grpc-web': createGrpcWebTransport({ baseUrl }) };
for (const [protocol, transport] of Object.entries(transports)) {
  for (const [name, test] of Object.entries(testsOf(transport, `${client}-${protocol}`))) {
    try {
      await test();
      console.log(`ok connect-web over ${protocol} ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAIL connect-web over ${protocol} ${name}: ${String(error).replaceAll('\n', ' ')}`);
    }
  }
}
