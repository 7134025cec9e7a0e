# Clients of the HTTP port: read by `run`, whose functions and variables these use.

# --- curl: JSON, lines, server-sent events -------------------------------------------------------------
curl_http_client() {
  have curl || { skip "curl over HTTP" "it is not installed"; return; }
  says "curl dispatches by the route" '"status":"SUCCESS"' -d "$(http_batch curl 0)" "http://$http/v1/events"
  says "curl dispatches by the method's name" '"status":"SUCCESS"' \
    -d "$(http_batch curl 1)" "http://$http/event.EventService/dispatch"
  says "curl is told of one bad event" '"verdict":"REJECTED"' \
    -d '{"header": {}, "events": [{"id": "x"}]}' "http://$http/v1/events"
  if curl --version | grep -q HTTP2; then
    says "curl dispatches over HTTP/2" '}2/200' --http2-prior-knowledge \
      -d "$(http_batch curl 2)" "http://$http/v1/events"
  else
    skip "curl dispatches over HTTP/2" "this curl does not speak it"
  fi
  local tail="http://$http/v1/events:tail?position=0&limit=2&clientId=curl-$run"
  says "curl tails lines" '"id":"curl1"' "$tail"
  says "curl tails by the method's name" '"id":"curl1"' \
    -d "{\"position\": 0, \"limit\": 2, \"clientId\": \"curl-$run\"}" "http://$http/wirebrook.ingest.v1.IngestService/Tail"
  says "curl tails server-sent events" 'data:{"events":[' -H 'accept: text/event-stream' "$tail"
  says "curl hears how server-sent events end" 'event:statusdata:{"code":0' -H 'accept: text/event-stream' "$tail"
  says "curl sees the health service serve" '"status":"SERVING"' \
    -d '{"service": "event.EventService"}' "http://$http/grpc.health.v1.Health/Check"
  says "curl asks for the status" '"state":"STATE_SERVING"' "http://$http/v1/admin/status"
  says "curl asks for the catalogue" '"batchMessage":"event.Events"' "http://$http/v1/admin/catalog"
  says "curl awaits storage" '}1.1/200' -d '{}' "http://$http/wirebrook.admin.v1.AdminService/AwaitStored"
  says "curl lists dead letters" '}1.1/200' "http://$http/v1/admin/dead-letters?pageSize=1"
  says "curl counts dead letters" '}1.1/200' "http://$http/v1/admin/dead-letters:stats"
  says "curl purges nothing" '1.1/200' -d '{"all": true, "dryRun": true}' "http://$http/v1/admin/dead-letters:purge"
  says "curl takes back a drain" '"state":"STATE_SERVING"' -d '{}' "http://$http/v1/admin/drain"
  says "curl asks in SQL" '"rows":[[1]]' -d '{"sql": "SELECT 1 AS n"}' "http://$http/v1/sql"
  says "curl is told what is not there" '"code":5,' "http://$http/v1/admin/dead-letters/999999"
  says "curl is told which field is wrong" '"fieldViolations":[{"field":"evnts"' -d '{"evnts": []}' "http://$http/v1/events"
  says "curl is told that a deadline has passed" '1.1/504' -H 'grpc-timeout: 1n' \
    -d "$(http_batch curl 0)" "http://$http/v1/events"
  says "curl publishes a snapshot" '"accepted":"1"' \
    -d "{\"snapshots\": [{\"symbol\": \"curl-$run\", \"ltp\": 2.5}]}" "http://$http/v1/market/snapshots:put"
  says "curl gets a snapshot by its name" '"ltp":2.5' "http://$http/v1/market/snapshots:get?symbol=curl-$run"
  says "curl is told of a snapshot that is not there" '1.1/404' "http://$http/v1/market/snapshots/2147483647"
  says "curl gets a batch" '"ltp":2.5' "http://$http/v1/market/snapshots:batchGet?symbols=curl-$run&symbols=none"
  local subscribe="http://$http/v1/market/snapshots:subscribe?symbols=curl-$run&limit=1"
  says "curl follows a symbol in lines" '"ltp":2.5' "$subscribe"
  says "curl follows a symbol in server-sent events" 'data:{"updates":[' -H 'accept: text/event-stream' "$subscribe"
  says "curl reads what there is to call" '"openapi":"3.' "http://$http/openapi.json"
  says "curl is refused as a foreign page" '1.1/403' -H 'Origin: https://evil.example' \
    -d "$(http_batch curl 3)" "http://$http/v1/events"
  stored "curl's events are rows, each once" '[{"n":3}]' \
    "SELECT count(*) AS n FROM events WHERE client_id = 'curl-$run'"
}

http_batch() { # CLIENT NUMBER
  printf '{"header": {"clientId": "%s-%s"}, "events": [{"id": "%s", "addToCartEvent": {"productId": "sku-%s", "price": 3.5}}]}' \
    "$1" "$run" "$1$2" "$1$2"
}

says() { # NAME PART-OF-THE-ANSWER ARGUMENTS...: the answer without blanks, and behind it version/status
  local name=$1 expected=$2 answer
  shift 2
  answer=$(curl -s --max-time 10 -H 'content-type: application/json' -w '%{http_version}/%{http_code}' "$@" </dev/null | tr -d ' \n')
  if [[ $answer == *"$expected"* ]]; then ok "$name"; else fail "$name" "expected $expected in: $answer"; fi
}

# --- buf curl: Connect and gRPC-Web --------------------------------------------------------------------
buf_http_client() { # PROTOCOL
  [[ -x $buf ]] || { skip "buf curl over $1" "buf comes from npm"; return; }
  local protocol=$1 admin=wirebrook.admin.v1.AdminService
  local market=wirebrook.market.v1.MarketDataService
  calls "$protocol" dispatch '"status":"SUCCESS"' event.EventService/dispatch "$(http_batch "$protocol" 0)"
  calls "$protocol" Tail "\"id\":\"${protocol}0\"" wirebrook.ingest.v1.IngestService/Tail \
    "{\"position\": 0, \"limit\": 1, \"clientId\": \"$protocol-$run\"}"
  calls "$protocol" Check '"status":"SERVING"' grpc.health.v1.Health/Check '{}'
  calls "$protocol" GetStatus '"state":"STATE_SERVING"' $admin/GetStatus '{}'
  calls "$protocol" GetCatalog '"batchMessage":"event.Events"' $admin/GetCatalog '{}'
  calls "$protocol" AwaitStored '{' $admin/AwaitStored '{}'
  calls "$protocol" ListDeadLetters '{' $admin/ListDeadLetters '{}'
  calls "$protocol" "GetDeadLetter's error" '"code":"not_found"' $admin/GetDeadLetter '{"letterId": 999999}'
  calls "$protocol" GetDeadLetterStats '{' $admin/GetDeadLetterStats '{}'
  calls "$protocol" PurgeDeadLetters '{' $admin/PurgeDeadLetters '{"all": true, "dryRun": true}'
  calls "$protocol" Drain '"state":"STATE_SERVING"' $admin/Drain '{}'
  calls "$protocol" Query '"rows":[[1]]' $admin/Query '{"sql": "SELECT 1 AS n"}'
  calls "$protocol" PutSnapshots '"accepted":"1"' $market/PutSnapshots \
    "{\"snapshots\": [{\"symbol\": \"$protocol-$run\", \"ltp\": 2.5}]}"
  calls "$protocol" GetSnapshot '"ltp":2.5' $market/GetSnapshot "{\"symbol\": \"$protocol-$run\"}"
  calls "$protocol" BatchGetSnapshots '"ltp":2.5' $market/BatchGetSnapshots "{\"symbols\": [\"$protocol-$run\"]}"
  calls "$protocol" SubscribeSnapshots '"ltp":2.5' $market/SubscribeSnapshots \
    "{\"symbols\": [\"$protocol-$run\"], \"limit\": 1}"
  calls "$protocol" "Ingest's refusal" '"code":"unimplemented"' wirebrook.ingest.v1.IngestService/Ingest '{"sequence": 1}' \
    --http2-prior-knowledge
  stored "buf's event over $protocol is a row" '[{"n":1}]' \
    "SELECT count(*) AS n FROM events WHERE client_id = '$protocol-$run'"
}

calls() { # PROTOCOL NAME PART-OF-THE-ANSWER METHOD REQUEST ARGUMENTS...
  local name="buf calls $2 over $1" expected=$3 answer
  answer=$(timeout 20 "$buf" curl --protocol "$1" --schema proto --schema api/target/proto-imports \
    --schema $here/health -d "$5" "${@:6}" "http://$http/$4" 2>&1 </dev/null | tr -d ' \n')
  # It says nothing else when it cannot call at all.
  if [[ $answer == *"$expected"* && $answer != *Failure:* ]]; then ok "$name"; else fail "$name" "expected $expected in: $answer"; fi
}

# --- connect-web: browsers' library, in Node -----------------------------------------------------------
web_client() {
  local folder=$work/web
  have node && [[ -d $root/.tools/npm/node_modules/@connectrpc/connect-web ]] || {
    skip connect-web "no Node, or npm could not bring @connectrpc/connect-web"
    return
  }
  mkdir "$folder" && cp $here/web/client.js "$folder/" && echo '{"type": "module"}' >"$folder/package.json"
  ln -s "$root/.tools/npm/node_modules" "$folder/node_modules"
  scripts/stubs node "$folder/stubs" || { fail connect-web "its stubs are not generated"; return; }
  counted timeout 60 node "$folder/client.js" "http://$http" "web-$run"
  stored "connect-web's events are rows, each once" '[{"n":40}]' \
    "SELECT count(*) AS n FROM events WHERE client_id IN ('web-$run-connect', 'web-$run-grpc-web')"
}
