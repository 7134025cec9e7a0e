package dev.wirebrook;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaConstructor.CONSTRUCTOR_NAME;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import dev.wirebrook.failure.Failure;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The walls between the rooms. Each rule says how to comply. */
class ArchitectureTest {
    private static final String ROOT = "dev.wirebrook";
    private static final String MAIN = ROOT + ".Main";

    /** Rooms that import nothing but the JDK. */
    static final List<String> JDK_ONLY = List.of("failure", "flow", "journal", "tls");

    /** Rooms of the services; their sub-packages are adapters. */
    static final List<String> FEATURES = List.of("events", "market");

    /** Everything else. A new room goes into one of the three lists. */
    static final List<String> SHARED =
            List.of("admin", "app", "auth", "cli", "grpc", "http", "kit", "schema", "telemetry");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .importUrl(Failure.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void every_room_is_in_the_plan() {
        Set<String> rooms = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            String room = type.getPackageName().substring(ROOT.length());
            if (!room.isEmpty()) {
                rooms.add(room.substring(1).replaceFirst("\\..*", ""));
            }
        }

        Set<String> planned = new TreeSet<>(JDK_ONLY);
        planned.addAll(FEATURES);
        planned.addAll(SHARED);
        assertThat(rooms)
                .as("rooms; put a new one into the list of this test whose walls it is to have")
                .isEqualTo(planned);
    }

    @ParameterizedTest
    @FieldSource("JDK_ONLY")
    void imports_the_jdk_only(String room) {
        classes()
                .that()
                .resideInAPackage(within(room))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "javax.net.ssl..", "org.jspecify.annotations..", within(room))
                .because(
                        "what is this deep stays free of frameworks: hand the foreign type in behind"
                                + " an interface of the room, implemented outside")
                .check(CLASSES);
    }

    @ParameterizedTest
    @FieldSource("FEATURES")
    void a_feature_root_knows_neither_transport_nor_engine(String feature) {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + feature)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "io.netty..",
                        "java.sql..",
                        "javax.sql..",
                        "com.clickhouse..",
                        "org.duckdb..",
                        "org.sqlite..",
                        "com.rabbitmq..",
                        "io.lettuce..",
                        within("journal"),
                        within("grpc"),
                        within("http"))
                .because(
                        "the root is the feature itself: say what it needs as a port here, and put"
                                + " the engine into an adapter such as events.duckdb, the transport"
                                + " into events.grpc")
                .check(CLASSES);
    }

    @ParameterizedTest
    @FieldSource("FEATURES")
    void a_feature_root_knows_none_of_its_adapters(String feature) {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + feature)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "." + feature + ".*..")
                .because("adapters implement the root's ports; app puts them together")
                .check(CLASSES);
    }

    @ParameterizedTest
    @FieldSource("FEATURES")
    void a_feature_imports_no_other_feature(String feature) {
        String[] others =
                FEATURES.stream()
                        .filter(other -> !other.equals(feature))
                        .map(ArchitectureTest::within)
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(within(feature))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because(
                        "features stand alone: what two of them need belongs into a shared room, or"
                                + " app hands one to the other behind an interface")
                .check(CLASSES);
    }

    @ParameterizedTest
    @FieldSource("FEATURES")
    void adapters_of_a_feature_do_not_know_each_other(String feature) {
        slices().matching(ROOT + "." + feature + ".(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(alwaysTrue(), resideInAPackage(ROOT + "." + feature + ".sql"))
                .allowEmptyShould(true)
                .because(
                        "an adapter speaks to one engine: what two share belongs into the root, or"
                                + " when it knows SQL into events.sql, which knows no engine")
                .check(CLASSES);
    }

    @Test
    void rooms_have_no_cycles() {
        slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .because("rooms are read one at a time: turn one direction round with an interface")
                .check(CLASSES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    org.duckdb..            | ..duckdb..
                    org.sqlite..            | ..sqlite..
                    com.clickhouse..        | ..clickhouse..
                    java.sql..,javax.sql..  | ..duckdb..,..sql..,..sqlite..,..postgres..
                    org.postgresql..        | ..postgres..
                    com.zaxxer..            | ..postgres..
                    org.flywaydb..          | ..postgres..
                    com.rabbitmq..          | ..rabbitmq..
                    io.lettuce..            | ..redis..
                    io.grpc..               | ..grpc..,dev.wirebrook.http.rpc..,dev.wirebrook.admin..,dev.wirebrook.app..,dev.wirebrook.cli..
                    io.netty..              | dev.wirebrook.grpc..,dev.wirebrook.http..,dev.wirebrook.app..,dev.wirebrook.cli..
                    com.google.gson..       | ..webhook..,dev.wirebrook.http.rpc..,dev.wirebrook.http.json..,..clickhouse..,..duckdb..,dev.wirebrook.auth..,dev.wirebrook.cli..
                    com.nimbusds..          | dev.wirebrook.auth..
                    io.prometheus..         | dev.wirebrook.telemetry..,dev.wirebrook.http..
                    io.opentelemetry.sdk..  | dev.wirebrook.app..
                    io.opentelemetry..      | dev.wirebrook.telemetry..,dev.wirebrook.app..
                    picocli..               | dev.wirebrook.cli..,dev.wirebrook
                    org.snakeyaml..         | dev.wirebrook.app..
                    """)
    void a_library_stays_in_its_rooms(String library, String rooms) {
        noClasses()
                .that()
                .resideOutsideOfPackages(rooms.split(",", -1))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library.split(",", -1))
                .because(
                        "a library is known to the rooms that wrap it: use what "
                                + rooms
                                + " offer")
                .check(CLASSES);
    }

    @Test
    void webhooks_know_no_listener() {
        noClasses()
                .that()
                .resideInAPackage(within("events.webhook"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(within("http"))
                .because(
                        "any HTTP server can hand them its requests: app.WebhookReceiver translates")
                .check(CLASSES);
    }

    @Test
    void the_json_mapping_knows_bytes_and_descriptors_only() {
        classes()
                .that()
                .resideInAPackage(within("http.json"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify.annotations..",
                        "com.google.protobuf..",
                        within("failure"),
                        within("http.json"))
                .because(
                        "it is measured and fuzzed alone: bytes come in as an array, whoever has"
                                + " the listener brings them")
                .check(CLASSES);
    }

    @Test
    void nobody_imports_the_composition_root() {
        outside("app", "cli")
                .and()
                .doNotHaveFullyQualifiedName(MAIN)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(within("app"), within("cli"))
                .because("app builds everything: take what you need as a constructor's parameter")
                .check(CLASSES);
    }

    @Test
    void the_kit_knows_no_feature() {
        noClasses()
                .that()
                .resideInAPackage(within("kit"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        FEATURES.stream().map(ArchitectureTest::within).toArray(String[]::new))
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(within("admin"), within("journal"), within("schema"))
                .because("it hosts any service: what a feature needs at start-up belongs into app")
                .check(CLASSES);
    }

    @Test
    void the_app_does_not_know_the_command_line() {
        noClasses()
                .that()
                .resideInAPackage(within("app"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(within("cli"))
                .because("the command line starts the app, never the other way round")
                .check(CLASSES);
    }

    @Test
    void only_main_ends_the_process() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(MAIN)
                .should()
                .accessTargetWhere(calls(System.class, "exit"))
                .orShould()
                .accessTargetWhere(calls(Runtime.class, "exit|halt"))
                .because(
                        "whoever ends the process cuts others off: return an exit code, or throw a"
                                + " FailureException")
                .check(CLASSES);
    }

    @Test
    void only_settings_read_the_environment() {
        noClasses()
                .that()
                .resideOutsideOfPackage(within("app"))
                .should()
                .accessTargetWhere(calls(System.class, "getenv"))
                .because("settings are read once, in app: add a field to the settings record")
                .check(CLASSES);
    }

    @Test
    void only_app_flow_the_journal_and_main_make_threads() {
        outside("app", "flow", "journal")
                .and()
                .doNotHaveFullyQualifiedName(MAIN)
                .should()
                .accessTargetWhere(calls(Thread.class, "ofVirtual|ofPlatform|startVirtualThread"))
                .orShould()
                .accessTargetWhere(constructs(Thread.class))
                .orShould()
                .accessTargetWhere(calls(Executors.class, "new.*"))
                .orShould()
                .accessTargetWhere(constructs(ThreadPoolExecutor.class))
                .orShould()
                .accessTargetWhere(constructs(ForkJoinPool.class))
                .orShould()
                .accessTargetWhere(asyncWithoutExecutor())
                .orShould()
                .beAssignableTo(Thread.class)
                .because(
                        "threads are counted and ended by app: take an Executor or a ThreadFactory")
                .check(CLASSES);
    }

    @Test
    void the_clock_is_injected() {
        outside("app", "cli", "kit")
                .should()
                .accessTargetWhere(readsTheSystemClock())
                .orShould()
                .accessTargetWhere(calls(System.class, "currentTimeMillis"))
                .orShould()
                .accessTargetWhere(constructs(java.util.Date.class))
                .because(
                        "time is a dependency: take an InstantSource or a Clock (System.nanoTime is"
                                + " fine for measuring)")
                .check(CLASSES);
    }

    @Test
    void only_the_command_line_writes_to_the_console() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, within("app"), within("cli"))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .accessTargetWhere(named("printStackTrace"))
                .because(
                        "a server's output is its log: use System.Logger where something happened"
                                + " that an operator must know, and a metric for all else")
                .check(CLASSES);
    }

    @Test
    void nobody_logs_to_a_back_end() {
        outside("app")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + ".grpc.TransportLog")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .because("where a log goes is settled in app: log to System.Logger")
                .check(CLASSES);
    }

    @Test
    void names_say_what_a_class_is() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveNameMatching(".*(Helper|Utils?|Impl|Base|DTO|Dto)")
                .because("such names fit anything: name the class after what it does or holds")
                .check(CLASSES);
    }

    @Test
    void every_package_is_null_marked() {
        Set<JavaPackage> packages = new HashSet<>();
        CLASSES.forEach(type -> packages.add(type.getPackage()));
        assertThat(packages)
                .as("packages; give each a package-info.java with @NullMarked")
                .allMatch(p -> p.isAnnotatedWith(NullMarked.class));
    }

    private static String within(String room) {
        return ROOT + "." + room + "..";
    }

    private static GivenClassesConjunction outside(String... rooms) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        Arrays.stream(rooms).map(ArchitectureTest::within).toArray(String[]::new));
    }

    private static DescribedPredicate<JavaAccess<?>> calls(Class<?> owner, String names) {
        return call(
                owner.getSimpleName() + "." + names,
                target ->
                        target.getOwner().isEquivalentTo(owner) && target.getName().matches(names));
    }

    private static DescribedPredicate<JavaAccess<?>> constructs(Class<?> owner) {
        return calls(owner, CONSTRUCTOR_NAME);
    }

    private static DescribedPredicate<JavaAccess<?>> named(String name) {
        return call(name, target -> target.getName().equals(name));
    }

    /** {@code supplyAsync(task)} and its kin run on the common pool unless they get an executor. */
    private static DescribedPredicate<JavaAccess<?>> asyncWithoutExecutor() {
        return call(
                "an async method without an executor",
                target ->
                        target.getOwner().isAssignableTo(CompletionStage.class)
                                && target.getName().endsWith("Async")
                                && parameters(target).stream()
                                        .noneMatch(type -> type.isEquivalentTo(Executor.class)));
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheSystemClock() {
        return call(
                "the system clock",
                target ->
                        target.getOwner().getPackageName().equals("java.time")
                                && (target.getName().startsWith("system")
                                        || (target.getName().equals("now")
                                                && parameters(target).isEmpty())));
    }

    private static List<JavaClass> parameters(AccessTarget target) {
        return target instanceof CodeUnitAccessTarget codeUnit
                ? codeUnit.getRawParameterTypes()
                : List.of();
    }

    private static DescribedPredicate<JavaAccess<?>> call(
            String description, Predicate<AccessTarget> test) {
        return DescribedPredicate.describe(description, call -> test.test(call.getTarget()));
    }
}
