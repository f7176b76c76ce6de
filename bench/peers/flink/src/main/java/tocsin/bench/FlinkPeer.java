package tocsin.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.PatternSelectFunction;
import org.apache.flink.cep.PatternStream;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.IterativeCondition;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;
import org.apache.flink.streaming.api.functions.source.SourceFunction;

/**
 * Flink CEP in a local cluster, parallelism 1, in event time with ascending timestamps. A match has to end before its limit, so
 * that limits are a millisecond longer here. Each start has a run of its own ({@code noSkip}), and all that end with one event
 * are given out; they are one answer. The clock runs from the source's first event to the closing of the sink, so that
 * starting the job is not in it.
 */
public final class FlinkPeer implements Peer {
    /** Events between watermarks. */
    private static final int EVERY = 100;

    // What the job's functions use: the local cluster is in this process.
    private static Event[] input;
    private static Answers output;
    private static volatile long begun;
    private static volatile long ended;

    public static void main(String[] arguments) throws Exception {
        Peer.main(new FlinkPeer(), arguments);
    }

    @Override
    public String name() {
        return "flink";
    }

    @Override
    public double run(Workload workload, Event[] events, Answers answers) throws Exception {
        input = events;
        output = answers;
        Configuration configuration = new Configuration();
        configuration.setString("rest.port", "0");
        configuration.setString("taskmanager.memory.network.min", "64mb");
        configuration.setString("taskmanager.memory.network.max", "64mb");
        configuration.setString("taskmanager.memory.managed.size", "16mb");
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        environment.getConfig().enableObjectReuse();
        DataStream<Event> stream = environment.addSource(new Source(), "events").returns(Event.class)
                .assignTimestampsAndWatermarks(WatermarkStrategy.<Event>forGenerator(context -> new ByCount())
                        .withTimestampAssigner((event, before) -> event.ts));
        matches(workload, stream).addSink(new Sink());
        environment.execute();
        return (ended - begun) / 1e9;
    }

    private static SingleOutputStreamOperator<Long> matches(Workload workload, DataStream<Event> stream) {
        Duration within = Duration.ofMillis(workload.within + 1);
        AfterMatchSkipStrategy noSkip = AfterMatchSkipStrategy.noSkip();
        if (workload.isStock()) {
            Pattern<Event, ?> pattern = Pattern.<Event>begin("e0", noSkip).where(keyIs(workload.steps[0]));
            for (int i = 1; i < workload.steps.length; ++i) {
                pattern = pattern.followedBy("e" + i).where(keyIs(workload.steps[i]));
            }
            return lines(CEP.pattern(stream, pattern.within(within)), "e" + (workload.steps.length - 1));
        }
        Pattern<Event, ?> pattern = null;
        String last = "";
        switch (workload.name) {
            case "brute_force":
                stream = stream.filter(event -> event.type.equals("failed_password") || event.type.equals("accepted_password"));
                pattern = Pattern.<Event>begin("f", noSkip).where(typeIs("failed_password")).times(5)
                        .followedBy("s").where(typeIs("accepted_password"));
                last = "s";
                break;
            case "keyed_join":
                pattern = Pattern.<Event>begin("a", noSkip).where(typeIs("A")).followedBy("b").where(typeIs("B"));
                last = "b";
                break;
            case "rising":
                pattern = Pattern.<Event>begin("a", noSkip)
                        .followedBy("b").where(new RisenSince("a")).followedBy("c").where(new RisenSince("b"));
                last = "c";
                break;
            case "absence":
                pattern = Pattern.<Event>begin("o", noSkip).where(typeIs("Order")).notFollowedBy("p").where(typeIs("Payment"));
                last = "o";
                break;
            case "sliding_count":
                // So many of a key in a row within the limit are so many in the window that slides; here its start is not in it.
                pattern = Pattern.<Event>begin("h", noSkip).times(Workload.COUNT).consecutive();
                within = Duration.ofMillis(workload.within);
                last = "h";
                break;
            default:
                throw workload.notExpressed();
        }
        return lines(CEP.pattern(stream.keyBy(event -> event.key), pattern.within(within)), last);
    }

    private static SingleOutputStreamOperator<Long> lines(PatternStream<Event> matches, String last) {
        return matches.select(new LastLine(last));
    }

    private static SimpleCondition<Event> typeIs(String type) {
        return SimpleCondition.of(event -> event.type.equals(type));
    }

    private static SimpleCondition<Event> keyIs(String key) {
        return SimpleCondition.of(event -> event.key.equals(key));
    }

    /**
     * By default a watermark comes each 200 ms of the machine's time: in memory that is a hundred thousand events, and what CEP then
     * holds unsorted made the stock sequences 50 times slower.
     */
    private static final class ByCount implements WatermarkGenerator<Event> {
        private int events;

        @Override
        public void onEvent(Event event, long timestamp, WatermarkOutput output) {
            if (++events % EVERY == 0) {
                output.emitWatermark(new Watermark(timestamp - 1));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {}
    }

    private static final class RisenSince extends IterativeCondition<Event> {
        private final String step;

        RisenSince(String step) {
            this.step = step;
        }

        @Override
        public boolean filter(Event event, Context<Event> context) throws Exception {
            return event.price > context.getEventsForPattern(step).iterator().next().price * Workload.RISE;
        }
    }

    private static final class LastLine implements PatternSelectFunction<Event, Long> {
        private final String step;

        LastLine(String step) {
            this.step = step;
        }

        @Override
        public Long select(Map<String, List<Event>> match) {
            List<Event> events = match.get(step);
            return events.get(events.size() - 1).line;
        }
    }

    private static final class Source implements SourceFunction<Event> {
        @Override
        public void run(SourceContext<Event> context) {
            begun = System.nanoTime();
            for (Event event : input) {
                context.collect(event);
            }
        }

        @Override
        public void cancel() {}
    }

    private static final class Sink extends RichSinkFunction<Long> {
        @Override
        public void invoke(Long line, Context context) {
            output.add(line);
        }

        @Override
        public void close() {
            ended = System.nanoTime();
        }
    }
}
