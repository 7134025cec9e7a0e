package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.market.v1.Candle;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.client.DispatchOutcome;
import dev.wirebrook.client.EventBatch;
import dev.wirebrook.client.EventOutcome;
import dev.wirebrook.client.SnapshotOutcome;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.DocumentationTool;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The documentation's examples on a real server. */
@Timeout(120)
class ClientSnippetsIT {
    private static final Path SOURCES = Path.of("..", "client", "src", "main", "java");
    private static final Path SNIPPETS = Path.of("src", "test", "java", "dev", "wirebrook", "app");

    @TempDir private Path directory;

    private static Event event(String id) {
        return Event.newBuilder()
                .setId(id)
                .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId("B2"))
                .build();
    }

    private static Events batch(String id) {
        return Events.newBuilder().addEvents(event(id)).build();
    }

    @Test
    void every_example_works() throws Exception {
        try (TestNode server = TestNode.start(directory.resolve("data"), Map.of())) {
            DispatchOutcome one = ClientSnippets.dispatch(server.target(), batch("dispatched"));
            assertThat(one.accepted()).isEqualTo(1);
            ClientSnippets.publish(server.client());
            assertThat(
                            ClientSnippets.spool(
                                    server.client(), directory.resolve("spool"), event("spooled")))
                    .isEqualTo(new EventOutcome.Accepted());
            assertThat(
                            ClientSnippets.ingest(
                                    server.client(), List.of(EventBatch.of(batch("streamed")))))
                    .containsExactly(one);
            assertThat(ClientSnippets.tail(server.client(), 4)).isEqualTo(4);
            SnapshotOutcome taken = new SnapshotOutcome(1, List.of());
            assertThat(ClientSnippets.market(server.client())).isEqualTo(taken);
            assertThat(ClientSnippets.subscribe(server.client())).isEqualTo(1.0841);
            assertThat(
                            ClientSnippets.snapshots(
                                    server.client(),
                                    List.of(
                                            Snapshot.newBuilder()
                                                    .setSymbol("USDJPY")
                                                    .setLtp(151.25)
                                                    .build())))
                    .containsExactly(taken);
            server.client().admin().awaitStored(0, Duration.ofSeconds(30));
            assertThat(ClientSnippets.history(server.client()))
                    .extracting(Candle::getClose)
                    .containsExactly(151.25);
            assertThat(
                            server.client()
                                    .admin()
                                    .query(
                                            "select count(*) from add_to_cart_event where"
                                                    + " client_id = 'shop'",
                                            1)
                                    .next()
                                    .getRows(0)
                                    .getValues(0)
                                    .getStringValue())
                    .isEqualTo("1");
        }
    }

    @Test
    void the_client_s_documentation_can_be_made_with_its_examples() throws IOException {
        DocumentationTool tool = ToolProvider.getSystemDocumentationTool();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = tool.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(SOURCES)) {
            Iterable<? extends JavaFileObject> units =
                    files.getJavaFileObjectsFromPaths(
                            sources.filter(file -> file.toString().endsWith(".java")).toList());
            boolean made =
                    tool.getTask(
                                    messages,
                                    files,
                                    null,
                                    null,
                                    List.of(
                                            "-d",
                                            directory.resolve("javadoc").toString(),
                                            "-quiet",
                                            "-Xdoclint:all,-missing",
                                            "-classpath",
                                            System.getProperty(
                                                    "surefire.test.class.path",
                                                    System.getProperty("java.class.path")),
                                            "--snippet-path",
                                            SNIPPETS.toString()),
                                    units)
                            .call();
            assertThat(made).as(messages.toString()).isTrue();
        }
        assertThat(messages.toString()).doesNotContain("snippet").doesNotContain("error:");
        assertThat(directory.resolve("javadoc/dev/wirebrook/client/EventPublisher.html"))
                .content()
                .contains("PublisherOptions.DEFAULT.withHeader(header)");
    }
}
