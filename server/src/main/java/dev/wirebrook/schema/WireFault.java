package dev.wirebrook.schema;

/** Why bytes are no message. The catalogue is closed: these are all the ways there are. */
enum WireFault {
    TRUNCATED("ends in the middle of a field"),
    VARINT_TOO_LONG("has a varint of more than 10 bytes"),
    NEGATIVE_LENGTH("has a length below zero"),
    FIELD_NUMBER_ZERO("has a field with the number 0"),
    WIRE_TYPE_UNKNOWN("has a field of wire type 6 or 7"),
    END_GROUP_UNMATCHED("has the end of a group that did not begin"),
    TOO_DEEP("is nested more than 99 levels deep"),
    NOT_UTF8("is not valid UTF-8");

    private final String description;

    WireFault(String description) {
        this.description = description;
    }

    /** Completes a sentence whose subject is the field. */
    String description() {
        return description;
    }
}
