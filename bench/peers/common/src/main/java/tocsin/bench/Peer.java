package tocsin.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One engine: what its program has to say. */
public interface Peer {
    String name();

    /**
     * Runs the workload over all events in a new runtime, with everything decided at the end.
     *
     * @return seconds from the first event given to the runtime to the last match received
     */
    double run(Workload workload, Event[] events, Answers answers) throws Exception;

    /**
     * WORKLOAD FILE [--runs N] [--warmup N] [--answers FILE]: reads FILE, runs the workload N times for the compiler to warm
     * up, then N times for the clock, and prints one JSON line. Exit code 4 is a workload that the engine cannot express.
     */
    static void main(Peer peer, String[] arguments) throws Exception {
        List<String> paths = new ArrayList<>();
        int runs = 5;
        int warmup = 3;
        Path answersFile = null;
        for (int i = 0; i < arguments.length; ++i) {
            switch (arguments[i]) {
                case "--runs" -> runs = Integer.parseInt(arguments[++i]);
                case "--warmup" -> warmup = Integer.parseInt(arguments[++i]);
                case "--answers" -> answersFile = Path.of(arguments[++i]);
                default -> paths.add(arguments[i]);
            }
        }
        Workload workload = Workload.of(paths.get(0));
        long decoding = System.nanoTime();
        Event[] events = Events.read(Path.of(paths.get(1)));
        double decoded = (System.nanoTime() - decoding) / 1e9;
        StringBuilder seconds = new StringBuilder();
        Answers answers = new Answers();
        try {
            for (int i = 0; i < warmup + runs; ++i) {
                answers = new Answers();
                System.gc(); // what the last run left is no part of this one
                double taken = peer.run(workload, events, answers);
                if (i >= warmup) {
                    seconds.append(i == warmup ? "" : ",").append(String.format(Locale.ROOT, "%.6f", taken));
                }
            }
        } catch (IllegalArgumentException problem) {
            System.err.println(peer.name() + ": " + problem.getMessage());
            System.exit(4);
        }
        long[] distinct = answers.distinct();
        if (answersFile != null) {
            Answers.write(answersFile, distinct);
        }
        System.out.printf(Locale.ROOT,
                "{\"engine\":\"%s\",\"workload\":\"%s\",\"events\":%d,\"decode_seconds\":%.6f,\"seconds\":[%s],"
                        + "\"matches\":%d,\"answers\":%d,\"digest\":\"%016x\",\"peak_kb\":%d}%n",
                peer.name(), workload.name, events.length, decoded, seconds, answers.matches(), distinct.length,
                Answers.digest(distinct), peakKilobytes());
        System.out.flush();
        System.exit(0); // some engines leave threads behind
    }

    /** The most memory that the process has had, as the system counts it; -1 where it does not say. */
    private static long peakKilobytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return -1;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(-1);
    }
}
