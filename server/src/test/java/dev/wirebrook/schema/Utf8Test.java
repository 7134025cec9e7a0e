package dev.wirebrook.schema;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

    @Test
    void agrees_with_the_jdk_on_all_sequences_of_up_to_two_bytes_and_all_leads_of_more() {
        for (int first = 0; first < 256; first++) {
            check(bytes(first));
            for (int second = 0; second < 256; second++) {
                check(bytes(first, second));
                for (int third : new int[] {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF}) {
                    check(bytes(first, second, third));
                    for (int fourth : new int[] {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF}) {
                        check(bytes(first, second, third, fourth));
                    }
                }
            }
        }
    }

    @Test
    void agrees_with_the_jdk_wherever_in_a_text_the_odd_byte_stands() {
        Random random = new Random();
        for (int i = 0; i < 200_000; i++) {
            byte[] text = new byte[random.nextInt(40)];
            Arrays.fill(text, (byte) 'x');
            for (int odd = random.nextInt(4); odd > 0 && text.length > 0; odd--) {
                byte[] piece =
                        random.nextBoolean()
                                ? "é漢👟".getBytes(StandardCharsets.UTF_8)
                                : bytes(random.nextInt(256));
                int at = random.nextInt(text.length);
                System.arraycopy(piece, 0, text, at, Math.min(piece.length, text.length - at));
            }
            check(text);
        }
    }

    @Test
    void agrees_with_the_jdk_on_every_code_point() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            boolean surrogate =
                    codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
            if (!surrogate) {
                byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
                check(bytes);
            }
        }
    }

    /** Alone and between bytes that are no UTF-8. */
    private void check(byte[] sequence) {
        byte[] framed = new byte[sequence.length + 20];
        Arrays.fill(framed, (byte) 0xFF);
        System.arraycopy(sequence, 0, framed, 10, sequence.length);
        boolean expected = jdkTakes(sequence);
        if (Utf8.isValid(sequence, 0, sequence.length) != expected
                || Utf8.isValid(framed, 10, 10 + sequence.length) != expected) {
            throw new AssertionError(Arrays.toString(sequence) + " should be valid: " + expected);
        }
    }

    private boolean jdkTakes(byte[] bytes) {
        CharBuffer out = CharBuffer.allocate(bytes.length);
        return !decoder.reset().decode(ByteBuffer.wrap(bytes), out, true).isError();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
