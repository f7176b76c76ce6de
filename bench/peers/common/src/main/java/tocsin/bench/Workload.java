package tocsin.bench;

import java.util.Map;

/** A workload's numbers, as its rule in bench/workloads has them. */
public final class Workload {
    /** Of the workloads but {@code stock_N} and {@code stock_N_none}, how long a match may take. */
    private static final Map<String, Long> WITHIN = Map.of(
            "brute_force", 600_000L,
            "keyed_join", 10_000L,
            "rising", 10_000L,
            "absence", 60_000L,
            "sliding_count", 60_000L,
            "sliding_distinct", 60_000L);

    public static final int COUNT = 15;
    public static final int DISTINCT = 12;
    public static final double RISE = 1.02;

    public final String name;
    /** Milliseconds, the limit included. */
    public final long within;
    /** The names of a stock sequence, else none. */
    public final String[] steps;

    private Workload(String name, long within, String[] steps) {
        this.name = name;
        this.within = within;
        this.steps = steps;
    }

    static Workload of(String name) {
        if (name.matches("stock_\\d+(_none)?")) {
            String[] steps = new String[Integer.parseInt(name.split("_")[1])];
            for (int i = 0; i < steps.length; ++i) {
                steps[i] = "S" + i % 5;
            }
            if (name.endsWith("_none")) {
                steps[steps.length - 1] = "NONE";
            }
            return new Workload(name, 10_000, steps);
        }
        Long within = WITHIN.get(name);
        if (within == null) {
            throw new IllegalArgumentException("no workload '" + name + "'");
        }
        return new Workload(name, within, new String[0]);
    }

    public boolean isStock() {
        return steps.length > 0;
    }

    public IllegalArgumentException notExpressed() {
        return new IllegalArgumentException("not expressed: " + name);
    }
}
