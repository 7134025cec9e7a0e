// What a page does: calls over gRPC-Web with connect-web, and server-sent events with fetch, since EventSource
// sends no authorization header. Bundled by esbuild; the driver calls these functions.
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { EventService } from './stubs/event/event_pb.js';
import { ErrorInfoSchema } from './stubs/google/rpc/error_details_pb.js';
import { IngestService } from './stubs/wirebrook/ingest/v1/ingest_pb.js';

const transports = { connect: createConnectTransport, 'grpc-web': createGrpcWebTransport };

function client(service, { protocol, url, token }) {
  const bearing = (next) => (request) => {
    if (token) request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
  return createClient(service, transports[protocol]({ baseUrl: url, interceptors: [bearing] }));
}

// What a call came to: its value, or the code of its error and the reason among the error's details.
async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    const { code, message } = ConnectError.from(error);
    return { code: Code[code], reason: ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? '', message };
  }
}

window.dispatch = (server, clientId, ids) =>
  outcome(async () => {
    const events = ids.map((id) => ({ id, EventOf: { case: 'launchEvent', value: { referrer: 'a page' } } }));
    const { status, accepted } = await client(EventService, server).dispatch({ header: { clientId }, events });
    return { status, accepted };
  });

window.tail = (server, clientId, limit) =>
  outcome(async () => {
    const ids = [];
    const request = { clientId, position: 0n, limit: BigInt(limit) };
    for await (const { events } of client(IngestService, server).tail(request)) ids.push(...events.map(({ event }) => event.id));
    return ids;
  });

// Reads server-sent events up to the one named `status`, with which each stream ends.
window.tailServerSentEvents = async ({ url, token }, clientId, limit) => {
  const query = new URLSearchParams({ clientId, limit, position: 0 });
  const response = await fetch(`${url}/v1/events:tail?${query}`, {
    headers: { accept: 'text/event-stream', ...(token && { authorization: `Bearer ${token}` }) },
  });
  if (!response.ok) return { http: response.status, code: (await response.json()).code };
  const ids = [];
  let text = '';
  for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) return { ids, cut: text };
    const blocks = (text + value).split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const data = block.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
      if (block.startsWith('event: status')) return { ids, status: JSON.parse(data).code };
      if (data) ids.push(...JSON.parse(data).events.map(({ event }) => event.id));
    }
  }
};
