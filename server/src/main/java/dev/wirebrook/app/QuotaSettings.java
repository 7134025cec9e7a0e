package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.size;
import static dev.wirebrook.app.config.SettingTypes.whole;

import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.grpc.GrpcServerSettings.ClientLimits;
import java.util.List;

/** What each client may take. */
final class QuotaSettings {
    private static final int RATE_MAX = 1_000_000_000;

    static final Setting<Integer> CALLS =
            Setting.of(
                    "quota.calls-per-second",
                    whole(0, RATE_MAX),
                    "0",
                    "Calls of one client, known by its token, its certificate or its address; at once as many as in a second. 0: no bound.");
    static final Setting<Integer> EVENTS =
            Setting.of(
                    "quota.events-per-second",
                    whole(0, RATE_MAX),
                    "0",
                    "Events of one client. 0: no bound.");
    static final Setting<Long> BYTES =
            Setting.of(
                    "quota.bytes-per-second",
                    size(0, 1L << 40),
                    "0B",
                    "Bytes of one client's requests. 0B: no bound.");
    static final Setting<Integer> STREAMS =
            Setting.of(
                    "quota.streams",
                    whole(0, RATE_MAX),
                    "0",
                    "Streams that one client may have open. 0: no bound.");
    static final List<Setting<?>> ALL = List.of(CALLS, EVENTS, BYTES, STREAMS);

    private QuotaSettings() {}

    static ClientLimits of(SettingValues values) {
        return new ClientLimits(
                values.get(CALLS), values.get(EVENTS), values.get(BYTES), values.get(STREAMS));
    }
}
