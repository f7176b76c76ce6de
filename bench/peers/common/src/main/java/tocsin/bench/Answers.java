package tocsin.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Where matches ended, by offset. For one thread at a time. */
public final class Answers {
    private long[] offsets = new long[1024];
    private int matches;

    public void add(long offset) {
        if (matches == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * matches);
        }
        offsets[matches++] = offset;
    }

    int matches() {
        return matches;
    }

    /** Ascending, each once. */
    long[] distinct() {
        return Arrays.stream(offsets, 0, matches).sorted().distinct().toArray();
    }

    /** FNV-1a over the answers as text, each with its line end. */
    static long digest(long[] answers) {
        long hash = 0xcbf29ce484222325L;
        for (long answer : answers) {
            String line = answer + "\n";
            for (int i = 0; i < line.length(); ++i) {
                hash = (hash ^ line.charAt(i)) * 0x100000001b3L;
            }
        }
        return hash;
    }

    static void write(Path file, long[] answers) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (long answer : answers) {
                out.write(answer + "\n");
            }
        }
    }
}
