package dev.wirebrook.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns compiled descriptor sets into descriptors and back. */
final class DescriptorLinker {
    private final Map<String, FileDescriptorProto> protos = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> linked = new HashMap<>();

    private DescriptorLinker() {}

    /**
     * The files of a set, in its order, each with the imports that it names.
     *
     * @throws InvalidCatalogException when an import is missing or a file does not hold together
     */
    static List<FileDescriptor> link(FileDescriptorSet set) {
        DescriptorLinker linker = new DescriptorLinker();
        set.getFileList().forEach(file -> linker.protos.put(file.getName(), file));
        List<FileDescriptor> files = new ArrayList<>();
        for (String name : linker.protos.keySet()) {
            files.add(linker.link(name, new HashSet<>()));
        }
        return files;
    }

    private FileDescriptor link(String name, Set<String> importers) {
        FileDescriptor known = linked.get(name);
        if (known != null) {
            return known;
        }
        FileDescriptorProto proto = protos.get(name);
        if (proto == null) {
            throw new InvalidCatalogException(
                    "import "
                            + name
                            + " is missing; build with imports: buf build -o schema.binpb, or protoc --include_imports");
        }
        if (!importers.add(name)) {
            throw new InvalidCatalogException("import " + name + " imports itself");
        }
        FileDescriptor[] imports =
                proto.getDependencyList().stream()
                        .map(dependency -> link(dependency, importers))
                        .toArray(FileDescriptor[]::new);
        importers.remove(name);
        try {
            FileDescriptor file = FileDescriptor.buildFrom(proto, imports);
            linked.put(name, file);
            return file;
        } catch (DescriptorValidationException | IllegalArgumentException e) {
            // The latter for an edition newer than this server.
            throw new InvalidCatalogException(name + ": " + e.getMessage(), e);
        }
    }

    /** The set of a file and all it imports, imports first. */
    static FileDescriptorSet withImports(FileDescriptor file) {
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        collect(file, new HashSet<>(), set);
        return set.build();
    }

    private static void collect(
            FileDescriptor file, Set<String> seen, FileDescriptorSet.Builder set) {
        if (seen.add(file.getName())) {
            file.getDependencies().forEach(dependency -> collect(dependency, seen, set));
            set.addFile(file.toProto());
        }
    }
}
