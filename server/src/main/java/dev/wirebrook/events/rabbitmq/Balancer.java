package dev.wirebrook.events.rabbitmq;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Spreads the partitions of each route over the nodes. The broker gives a queue to the node that
 * asked first, so the node that starts first serves all of them. A node that serves more than its
 * share gives the rest back, and the broker hands each to the node that has waited longest. The
 * shares follow from the list of nodes that are alive, which all of them hear alike. Only
 * partitions that get messages count. Runs on a thread of its own.
 */
final class Balancer implements Runnable {
    private final Duration interval;
    private final NodePresence presence;
    private final List<List<RouteFeed>> routes = new CopyOnWriteArrayList<>();

    Balancer(Duration interval, NodePresence presence) {
        this.interval = interval;
        this.presence = presence;
    }

    /**
     * @param feeds all partitions of one route
     */
    void add(List<RouteFeed> feeds) {
        routes.add(List.copyOf(feeds));
    }

    @Override
    public void run() {
        try {
            while (true) {
                Thread.sleep(interval);
                routes.forEach(this::balance);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void balance(List<RouteFeed> feeds) {
        List<RouteFeed> served = feeds.stream().filter(RouteFeed::isServed).toList();
        List<String> nodes = presence.nodesAt(feeds.getFirst().queue());
        int rank = nodes.indexOf(presence.node());
        int share = share(feeds.size(), nodes.size(), rank);
        served.stream().skip(share).forEach(RouteFeed::giveBack);
    }

    /** How many of the partitions are for the node of a rank. */
    static int share(int partitions, int nodes, int rank) {
        return partitions / nodes + (rank < partitions % nodes ? 1 : 0);
    }
}
