package tocsin.bench;

import io.siddhi.core.SiddhiAppRuntime;
import io.siddhi.core.SiddhiManager;
import io.siddhi.core.stream.input.InputHandler;
import io.siddhi.core.stream.output.StreamCallback;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Siddhi in playback mode: its clock is the events' time. A keyed pattern stands in a {@code partition}. Each start has a run of its
 * own ({@code every}), and all that end with one event are given out; they are one answer.
 */
public final class SiddhiPeer implements Peer {
    public static void main(String[] arguments) throws Exception {
        Peer.main(new SiddhiPeer(), arguments);
    }

    @Override
    public String name() {
        return "siddhi";
    }

    @Override
    public double run(Workload workload, Event[] events, Answers answers) throws Exception {
        Set<String> types = new TreeSet<>();
        for (Event event : events) {
            types.add(streamName(event));
        }
        SiddhiManager manager = new SiddhiManager();
        SiddhiAppRuntime runtime = manager.createSiddhiAppRuntime(application(workload, types));
        runtime.addCallback("Out", new StreamCallback() {
            @Override
            public void receive(io.siddhi.core.event.Event[] matches) {
                for (io.siddhi.core.event.Event match : matches) {
                    answers.add((Long) match.getData(0));
                }
            }
        });
        runtime.start();
        Map<String, InputHandler> handlers = new HashMap<>();
        for (String type : types) {
            handlers.put(type, runtime.getInputHandler(type));
        }
        InputHandler clock = runtime.getInputHandler("Clock");
        long begin = System.nanoTime();
        for (Event event : events) {
            handlers.get(streamName(event)).send(
                    event.ts, new Object[] {event.line, event.ts, event.key, event.value, event.price, event.volume});
        }
        clock.send(events[events.length - 1].ts + 2 * workload.within, new Object[] {0L});
        double seconds = (System.nanoTime() - begin) / 1e9;
        runtime.shutdown();
        manager.shutdown();
        return seconds;
    }

    private static String streamName(Event event) {
        return event.type.isEmpty() ? "Record" : "T_" + event.type;
    }

    private static String application(Workload workload, Set<String> types) {
        StringBuilder text = new StringBuilder("@app:playback ");
        for (String type : types) {
            text.append("define stream ").append(type)
                    .append(" (line long, ts long, key string, value string, price double, volume int); ");
        }
        return text + "define stream Clock (nothing long); " + query(workload);
    }

    private static String partition(String keys, String query) {
        return "partition with (" + keys + ") begin " + query + " end;";
    }

    private static String query(Workload workload) {
        String within = " within " + workload.within + " milliseconds";
        if (workload.isStock()) {
            StringBuilder pattern = new StringBuilder("from every ");
            for (int i = 0; i < workload.steps.length; ++i) {
                pattern.append(i > 0 ? " -> " : "").append("e").append(i).append("=Record[key == '").append(workload.steps[i]).append("']");
            }
            return pattern + within + " select e" + (workload.steps.length - 1) + ".line as o insert into Out;";
        }
        return switch (workload.name) {
            case "brute_force" -> partition("key of T_failed_password, key of T_accepted_password",
                    "from every f1=T_failed_password -> f2=T_failed_password -> f3=T_failed_password -> f4=T_failed_password"
                            + " -> f5=T_failed_password -> s=T_accepted_password" + within + " select s.line as o insert into Out;");
            case "keyed_join" -> partition("key of T_A, key of T_B",
                    "from every a=T_A -> b=T_B" + within + " select b.line as o insert into Out;");
            case "rising" -> partition("key of Record", "from every a=Record -> b=Record[price > a.price * " + Workload.RISE
                    + "] -> c=Record[price > b.price * " + Workload.RISE + "]" + within + " select c.line as o insert into Out;");
            case "absence" -> "from every o=T_Order -> not T_Payment[key == o.key] for " + (workload.within + 1)
                    + " milliseconds select o.line as o insert into Out;";
            case "sliding_count" -> "from Record#window.externalTime(ts, " + workload.within
                    + " milliseconds) select line as o, count() as n group by key having n >= " + Workload.COUNT + " insert into Out;";
            case "sliding_distinct" -> "from Record#window.externalTime(ts, " + workload.within
                    + " milliseconds) select line as o, distinctCount(value) as n group by key having n >= " + Workload.DISTINCT
                    + " insert into Out;";
            default -> throw workload.notExpressed();
        };
    }
}
