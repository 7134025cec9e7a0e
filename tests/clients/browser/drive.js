// Serves the page from two origins, of which the server lists one, and lets Chromium load it:
//   node drive.js ROOT FOLDER CHROMIUM FINGERPRINT
// FOLDER has the bundle, certificates and clients; FINGERPRINT is that of the server's key. The environment has
// PAGE_TOKEN and OPERATOR_TOKEN; NODE_PATH names the folder with puppeteer-core.
'use strict';
const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const puppeteer = require('puppeteer-core');

const [root, folder, chromium, fingerprint] = process.argv.slice(2);
const { PAGE_TOKEN: token, OPERATOR_TOKEN: operator } = process.env;
const wirebrook = path.join(root, 'wirebrook');
const bundle = fs.readFileSync(path.join(folder, 'bundle.js'));

async function servePage() {
  const server = http.createServer((request, response) => {
    const script = request.url === '/bundle.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(script ? bundle : '<!doctype html><title>page</title><script src="/bundle.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://localhost:${server.address().port}`, close: () => server.close() };
}

async function startServer(origin) {
  const file = (name) => path.join(folder, name);
  const server = spawn(
    wirebrook,
    ['dev', '--grpc-port=0', '--http-port=0', '--data-dir', file('data'), '--ready-file', file('ready'),
      '--tls-certificate', file('tls.crt'), '--tls-key', file('tls.key'), '--auth-clients', file('clients.jsonl'),
      '--http-origins', origin],
    { stdio: ['ignore', fs.openSync(file('server.log'), 'w'), fs.openSync(file('server.log'), 'a')] },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const deadline = Date.now() + 60_000;
  while (!fs.existsSync(file('ready'))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill();
      throw new Error(`the server did not become ready: ${fs.readFileSync(file('server.log'), 'utf8')}`);
    }
    await sleep(100);
  }
  const ready = JSON.parse(fs.readFileSync(file('ready'), 'utf8'));
  const port = (address) => address.slice(address.lastIndexOf(':') + 1);
  return {
    url: `https://localhost:${port(ready.http)}`,
    grpc: `localhost:${port(ready.grpc)}`,
    stop: async () => (server.kill(), await ended),
  };
}

async function sql(grpc, query) {
  const { stdout } = await promisify(execFile)(
    wirebrook,
    ['sql', '--server', grpc, '--cacert', path.join(folder, 'authority.crt'), '-o', 'json', query],
    { env: { ...process.env, WIREBROOK_TOKEN: operator } },
  );
  return JSON.parse(stdout);
}

// A page of the origin, as a function that calls one of the page's.
async function open(browser, origin) {
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  return (name, ...values) => page.evaluate((called, given) => window[called](...given), name, values);
}

const launch = (trusted) =>
  puppeteer.launch({
    executablePath: chromium,
    args: [
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []), // Chromium has none for root
      ...(trusted ? [`--ignore-certificate-errors-spki-list=${trusted}`] : []),
    ],
  });

function testsOf({ url, grpc }, { listed, unlisted, untrusting }) {
  const known = (protocol) => ({ url, token, protocol });
  const unreachable = ({ code, message }) => assert.match(`${code} ${message}`, /^Unknown .*Failed to fetch/);
  return {
    async dispatches_over_grpc_web() {
      const answer = await listed('dispatch', known('grpc-web'), 'page', ['1', '2', '3']);
      assert.deepStrictEqual(answer, { status: 'SUCCESS', accepted: 3 });
    },

    async dispatches_over_connect() {
      const answer = await listed('dispatch', known('connect'), 'page', ['4', '5']);
      assert.deepStrictEqual(answer, { status: 'SUCCESS', accepted: 2 });
    },

    async tails_over_grpc_web() {
      assert.deepStrictEqual(await listed('tail', known('grpc-web'), 'page', 5), ['1', '2', '3', '4', '5']);
    },

    async tails_over_connect() {
      assert.deepStrictEqual(await listed('tail', known('connect'), 'page', 5), ['1', '2', '3', '4', '5']);
    },

    async tails_server_sent_events_to_their_status() {
      const answer = await listed('tailServerSentEvents', known(), 'page', 5);
      assert.deepStrictEqual(answer, { ids: ['1', '2', '3', '4', '5'], status: 0 });
    },

    async a_call_without_a_token_is_unauthenticated() {
      for (const protocol of ['grpc-web', 'connect']) {
        const { code, reason } = await listed('dispatch', { url, protocol }, 'nobody', ['1']);
        assert.deepStrictEqual([protocol, code, reason], [protocol, 'Unauthenticated', 'NO_TOKEN']);
      }
      assert.deepStrictEqual(await listed('tailServerSentEvents', { url }, 'page', 5), { http: 401, code: 16 });
    },

    async a_page_of_an_origin_that_is_not_listed_is_refused() {
      unreachable(await unlisted('dispatch', known('grpc-web'), 'unlisted', ['1']));
      unreachable(await unlisted('dispatch', known('connect'), 'unlisted', ['2']));
    },

    async a_certificate_that_is_not_trusted_is_refused() {
      unreachable(await untrusting('dispatch', known('grpc-web'), 'untrusting', ['1']));
    },

    async what_was_taken_is_in_the_table_and_nothing_else() {
      const query = 'SELECT client_id, count(*) AS n FROM events GROUP BY ALL';
      const deadline = Date.now() + 20_000; // storage follows the acknowledgement by about a second
      let rows = await sql(grpc, query);
      while (rows[0]?.n !== 5 && Date.now() < deadline) {
        await sleep(300);
        rows = await sql(grpc, query);
      }
      assert.deepStrictEqual(rows, [{ client_id: 'page', n: 5 }]);
    },
  };
}

async function main() {
  const closers = [];
  const later = (close) => closers.unshift(close);
  try {
    const [listedSite, unlistedSite] = [await servePage(), await servePage()];
    later(listedSite.close), later(unlistedSite.close);
    const server = await startServer(listedSite.origin);
    later(server.stop);
    const [browser, stranger] = [await launch(fingerprint), await launch()];
    later(() => browser.close()), later(() => stranger.close());
    const pages = {
      listed: await open(browser, listedSite.origin),
      unlisted: await open(browser, unlistedSite.origin),
      untrusting: await open(stranger, listedSite.origin),
    };
    for (const [name, test] of Object.entries(testsOf(server, pages))) {
      try {
        await test();
        console.log(`ok browser ${name}`);
      } catch (error) {
        process.exitCode = 1;
        console.log(`FAIL browser ${name}: ${String(error).replaceAll('\n', ' ')}`);
      }
    }
  } finally {
    for (const close of closers) await close();
  }
}

main().catch((error) => {
  process.exitCode = 1;
  console.log(`FAIL browser: ${String(error).replaceAll('\n', ' ')}`);
});
