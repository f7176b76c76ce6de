package tocsin.bench;

import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.DeploymentOptions;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import java.util.HashMap;
import java.util.Map;

/**
 * Esper, its clock moved by the events. A guard or timer of D fires when the clock reaches D, before the event that moved it
 * there is seen: tocsin's limits hold their end, so that each is a millisecond longer here. Where several runs end with
 * one event, {@code @SuppressOverlappingMatches} keeps one, as {@code overlap ends} does.
 */
public final class EsperPeer implements Peer {
    private final Map<String, EPCompiled> compiled = new HashMap<>();
    private int runtimes;

    public static void main(String[] arguments) throws Exception {
        Peer.main(new EsperPeer(), arguments);
    }

    @Override
    public String name() {
        return "esper";
    }

    @Override
    public double run(Workload workload, Event[] events, Answers answers) throws Exception {
        Configuration configuration = configuration(events);
        EPCompiled rule = compiled.get(workload.name);
        if (rule == null) {
            rule = EPCompilerProvider.getCompiler().compile(statement(workload), new CompilerArguments(configuration));
            compiled.put(workload.name, rule);
        }
        EPRuntime runtime = EPRuntimeProvider.getRuntime("run" + runtimes++, configuration);
        EPEventService service = runtime.getEventService();
        service.clockExternal();
        service.advanceTime(events[0].ts);
        runtime.getDeploymentService().deploy(rule, new DeploymentOptions()).getStatements()[0].addListener(
                (fresh, old, statement, from) -> {
                    for (var match : fresh == null ? new com.espertech.esper.common.client.EventBean[0] : fresh) {
                        answers.add((Long) match.get("o"));
                    }
                });
        long begin = System.nanoTime();
        long now = events[0].ts;
        for (Event event : events) {
            if (event.ts != now) {
                now = event.ts;
                service.advanceTime(now);
            }
            service.sendEventBean(event, typeName(event));
        }
        service.advanceTime(now + 2 * workload.within);
        double seconds = (System.nanoTime() - begin) / 1e9;
        runtime.destroy();
        return seconds;
    }

    private static String typeName(Event event) {
        return event.type.isEmpty() ? "Record" : event.type;
    }

    private static Configuration configuration(Event[] events) {
        Configuration configuration = new Configuration();
        configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
        for (Event event : events) {
            if (!configuration.getCommon().isEventTypeExists(typeName(event))) {
                configuration.getCommon().addEventType(typeName(event), Event.class);
            }
        }
        return configuration;
    }

    private static String statement(Workload workload) {
        String within = ") where timer:within(" + (workload.within + 1) + " milliseconds)]";
        if (workload.isStock()) {
            StringBuilder pattern = new StringBuilder("every e0=Record(key='" + workload.steps[0] + "') -> (");
            for (int i = 1; i < workload.steps.length; ++i) {
                pattern.append(i > 1 ? " -> " : "").append("e").append(i).append("=Record(key='").append(workload.steps[i]).append("')");
            }
            return "select e" + (workload.steps.length - 1) + ".line as o from pattern @SuppressOverlappingMatches [" + pattern + within;
        }
        return switch (workload.name) {
            case "brute_force" -> "select s.line as o from pattern @SuppressOverlappingMatches [every f1=failed_password"
                    + " -> (f2=failed_password(key=f1.key) -> f3=failed_password(key=f1.key) -> f4=failed_password(key=f1.key)"
                    + " -> f5=failed_password(key=f1.key) -> s=accepted_password(key=f1.key)" + within;
            case "keyed_join" -> "select b.line as o from pattern @SuppressOverlappingMatches [every a=A -> (b=B(key=a.key)" + within;
            case "rising" -> "select c.line as o from pattern @SuppressOverlappingMatches [every a=Record"
                    + " -> (b=Record(key=a.key, price > a.price * " + Workload.RISE + ")"
                    + " -> c=Record(key=a.key, price > b.price * " + Workload.RISE + ")" + within;
            case "absence" -> "select o.line as o from pattern [every o=`Order` -> (timer:interval(" + (workload.within + 1)
                    + " milliseconds) and not Payment(key=o.key))]";
            case "sliding_count" -> "select line as o from Record#time(" + workload.within + " milliseconds) group by key"
                    + " having count(*) >= " + Workload.COUNT;
            case "sliding_distinct" -> "select line as o from Record#time(" + workload.within + " milliseconds) group by key"
                    + " having count(distinct value) >= " + Workload.DISTINCT;
            default -> throw workload.notExpressed();
        };
    }
}
