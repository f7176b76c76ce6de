package tocsin.bench;

/** A decoded record, the same object for every workload: what the workload calls its key is in {@code key}. */
public final class Event {
    /** Which line of the file, from 1. */
    public long line;
    /** Event time, milliseconds. */
    public long ts;
    /** Empty where the file has records of one kind only. */
    public String type = "";
    public String key = "";
    public String value = "";
    public double price;
    public int volume;

    public long getLine() {
        return line;
    }

    public long getTs() {
        return ts;
    }

    public String getType() {
        return type;
    }

    public String getKey() {
        return key;
    }

    public String getValue() {
        return value;
    }

    public double getPrice() {
        return price;
    }

    public int getVolume() {
        return volume;
    }
}
