package dev.wirebrook.flow;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Lets a thread step back behind others when the processor is short. Java's own thread priorities
 * have no effect on Linux; there, {@code setpriority(2)} with "this" sets the calling thread's nice
 * value, which the threads that it starts inherit, those of native libraries included. Elsewhere
 * nothing happens: it is a courtesy, and nothing may rely on it.
 */
public final class Niceness {
    private static final int PRIO_PROCESS = 0;
    private static final int THIS = 0;
    private static final int LEAST_URGENT = 19;

    private Niceness() {}

    /**
     * Steps back. Cannot be taken back without privileges.
     *
     * @param steps by how much, 1 to 19; ten leave a thread about a tenth of the processor while
     *     another one wants all of it
     */
    @SuppressWarnings("restricted") // two functions of the C library, with numbers only
    public static void stepBack(int steps) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        try {
            MethodHandle get =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("getpriority"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT));
            MethodHandle set =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("setpriority"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT));
            int now = (int) get.invokeExact(PRIO_PROCESS, THIS);
            int _ = (int) set.invokeExact(PRIO_PROCESS, THIS, Math.min(now + steps, LEAST_URGENT));
        } catch (Throwable e) {
            System.getLogger(Niceness.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot set the nice value of a thread", e);
        }
    }
}
