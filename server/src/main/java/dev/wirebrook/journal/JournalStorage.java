package dev.wirebrook.journal;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * The directory under a journal, as far as the journal needs one: the seam at which tests take away
 * space, fail forces and lose what was not forced. Names are plain file names.
 */
interface JournalStorage extends Closeable {
    /** The file that {@link #lock} makes. */
    String LOCK_NAME = "lock";

    /** Names of all files, in no order. */
    List<String> list() throws IOException;

    /** Makes a new empty file for reading and writing; fails where one of this name exists. */
    JournalFile create(String name) throws IOException;

    /**
     * Lengthens a file to {@code bytes}. What is new reads as zeros, and its room is taken: no
     * later write into it fails for want of room.
     */
    void reserve(String name, long bytes) throws IOException;

    /**
     * Tells the system that nobody is expected to read this file soon. A hint: never fails, and
     * does nothing where there is no such call.
     */
    void forget(String name);

    JournalFile openForReading(String name) throws IOException;

    JournalFile openForWriting(String name) throws IOException;

    /**
     * Renames atomically; replaces what had the new name. Durable after {@link #forceDirectory}.
     */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Returns when names made, changed and removed before are on stable storage. */
    void forceDirectory() throws IOException;

    /**
     * Keeps every other process and every other journal of this process out until closed.
     *
     * @throws JournalInUseException where somebody else holds it
     */
    void lock() throws IOException;

    /** Whether somebody holds the lock. Changes nothing. */
    boolean lockedByAnother() throws IOException;

    /**
     * What tells the file of this name from every other: equal as long as the name stands for the
     * same file.
     *
     * @throws java.nio.file.NoSuchFileException where there is none
     */
    Object identity(String name) throws IOException;

    /** The full name of a file, for messages. */
    String describe(String name);

    /** Releases the lock. */
    @Override
    void close() throws IOException;
}
