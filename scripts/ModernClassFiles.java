import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar and brings its class files to the format of Java 8, with stack maps. Java's AOT cache
 * leaves out classes in formats older than Java 6, and a command line that is written for Java 5
 * costs a fifth of a second at every start when it is read and verified anew.
 *
 * <p>Usage: {@code java ModernClassFiles.java FROM.jar TO.jar}
 */
final class ModernClassFiles {
    private static final int FIRST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;

    private ModernClassFiles() {}

    public static void main(String[] args) throws IOException {
        Path from = Path.of(args[0]);
        Path to = Path.of(args[1]);
        try (URLClassLoader jar = new URLClassLoader(new URL[] {from.toUri().toURL()});
                ZipInputStream in =
                        new ZipInputStream(new BufferedInputStream(Files.newInputStream(from)));
                ZipOutputStream out =
                        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(to)))) {
            ClassFile classFiles =
                    ClassFile.of(
                            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                            ClassFile.ClassHierarchyResolverOption.of(
                                    ClassHierarchyResolver.ofResourceParsing(jar)
                                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] bytes = in.readAllBytes();
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(entry.getName().endsWith(".class") ? modern(classFiles, bytes) : bytes);
            }
        }
    }

    private static byte[] modern(ClassFile classFiles, byte[] bytes) {
        ClassModel model = classFiles.parse(bytes);
        if (model.majorVersion() >= FIRST_WITH_STACK_MAPS) {
            return bytes;
        }
        byte[] written =
                classFiles.transformClass(
                        model,
                        ClassTransform.dropping(ClassFileVersion.class::isInstance)
                                // Written anew, instruction by instruction: a body that is copied
                                // gets no stack maps.
                                .andThen(
                                        ClassTransform.transformingMethodBodies(
                                                (code, element) -> code.with(element)))
                                .andThen(
                                        ClassTransform.endHandler(
                                                to -> to.withVersion(ClassFile.JAVA_8_VERSION, 0))));
        List<VerifyError> errors = classFiles.verify(written);
        if (!errors.isEmpty()) {
            throw errors.getFirst();
        }
        return written;
    }
}
