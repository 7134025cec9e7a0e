package dev.wirebrook.events;

/**
 * A place between two events of the log: before event {@code index} of the record at {@code
 * position}. Everything before a route's cursor is settled.
 *
 * @param position log position of a record
 * @param index place in the record's batch, from 0
 */
public record Cursor(long position, int index) implements Comparable<Cursor> {
    public static final Cursor START = new Cursor(0, 0);

    public Cursor {
        if (position < 0 || index < 0) {
            throw new IllegalArgumentException("cursor below zero: " + position + "/" + index);
        }
    }

    @Override
    public int compareTo(Cursor other) {
        int byPosition = Long.compare(position, other.position);
        return byPosition != 0 ? byPosition : Integer.compare(index, other.index);
    }

    @Override
    public String toString() {
        return position + "/" + index;
    }
}
