// Events from Node's @grpc/grpc-js, its messages loaded from .proto files at run time:
//   node client.js HOST:PORT ROOT CLIENT_ID
// ROOT is the project's folder. NODE_PATH names the folder with the two packages.
'use strict';
const assert = require('node:assert');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const [address, root, clientId] = process.argv.slice(2);
const options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
const load = (file, ...folders) =>
  grpc.loadPackageDefinition(protoLoader.loadSync(file, { ...options, includeDirs: folders }));
const old = load('event.proto', path.join(root, 'tests/clients/contract'));
const current = load(
  'wirebrook/ingest/v1/ingest.proto',
  path.join(root, 'proto'),
  path.join(root, 'api/target/proto-imports'),
);
const credentials = grpc.credentials.createInsecure();
const events = new old.event.EventService(address, credentials);
const ingest = new current.wirebrook.ingest.v1.IngestService(address, credentials);
const within = () => ({ deadline: Date.now() + 10_000 });

const batch = (first, count) => ({
  header: {
    sessionId: 'node-session', userId: '-7', deviceId: 'device-2', clientId, os: 'ios', appVersion: '1.0',
    utmSource: 'ads', utmMedium: 'cpc', utmCampaign: 'spring',
  },
  events: Array.from({ length: count }, (_, i) => ({
    id: `n${first + i}`,
    timestamp: '1767225600000',
    currentURL: 'https://shop.example/basket',
    addToCartEvent: { productId: `sku-${first + i}`, productName: 'Kanne', price: 20.25, quantity: 2 },
  })),
});

const unary = (client, method, request, callOptions = within()) =>
  new Promise((resolve, reject) =>
    client[method](request, callOptions, (error, response) => (error ? reject(error) : resolve(response))),
  );

const tests = {
  async dispatches_a_batch() {
    assert.deepStrictEqual(await unary(events, 'dispatch', batch(0, 20)), { status: 'SUCCESS' });
  },

  async sends_a_hundred_calls_at_once() {
    const calls = Array.from({ length: 100 }, (_, i) => unary(events, 'dispatch', batch(1_000 + i, 1)));
    for (const response of await Promise.all(calls)) assert.strictEqual(response.status, 'SUCCESS');
  },

  async a_deadline_that_passed_is_told() {
    await assert.rejects(unary(events, 'dispatch', batch(0, 1), { deadline: Date.now() - 1 }), {
      code: grpc.status.DEADLINE_EXCEEDED,
    });
  },

  async ingests_over_a_bidirectional_stream() {
    const call = ingest.Ingest(within());
    for (let sequence = 1; sequence <= 5; sequence++) {
      call.write({ sequence, batch: batch(2_000 + 10 * sequence, 10) });
    }
    call.end();
    let accepted = 0;
    let last;
    for await (const response of call) {
      accepted += Number(response.accepted);
      last = response.sequence;
    }
    assert.deepStrictEqual([last, accepted], ['5', 50]);
  },

  async uploads_over_a_client_stream() {
    const response = await new Promise((resolve, reject) => {
      const call = ingest.Upload(within(), (error, value) => (error ? reject(error) : resolve(value)));
      for (let i = 0; i < 3; i++) call.write({ batch: batch(3_000 + 10 * i, 10) });
      call.end();
    });
    assert.deepStrictEqual([response.batches, response.accepted], ['3', '30']);
  },

  async tails_what_it_sent() {
    const call = ingest.Tail({ position: 0, client_id: clientId, limit: 20 }, within());
    const ids = [];
    for await (const response of call) for (const { event } of response.events) ids.push(event.id);
    assert.deepStrictEqual(ids, batch(0, 20).events.map(({ id }) => id));
  },
};

(async () => {
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok node ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAIL node ${name}: ${String(error).replaceAll('\n', ' ')}`);
    }
  }
  events.close();
  ingest.close();
})();
