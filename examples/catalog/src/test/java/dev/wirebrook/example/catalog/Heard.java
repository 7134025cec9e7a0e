package dev.wirebrook.example.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What a client hears that reads only as much as it is told to. */
final class Heard<R> implements ClientResponseObserver<Object, R> {
    private final int readFirst;
    private final List<R> messages = new CopyOnWriteArrayList<>();
    private volatile @Nullable ClientCallStreamObserver<?> call;
    private volatile @Nullable Status status;

    /**
     * @param readFirst how many responses are read before {@link #read} is called
     */
    Heard(int readFirst) {
        this.readFirst = readFirst;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Object> requests) {
        requests.disableAutoRequestWithInitial(readFirst);
        call = requests;
    }

    @Override
    public void onNext(R message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable cause) {
        status = Status.fromThrowable(cause);
    }

    @Override
    public void onCompleted() {
        status = Status.OK;
    }

    List<R> messages() {
        return messages;
    }

    void read(int more) {
        Objects.requireNonNull(call).request(more);
    }

    void cancel() {
        Objects.requireNonNull(call).cancel("the test has enough", null);
    }

    void awaitMessages(int count) {
        await().untilAsserted(() -> assertThat(messages).hasSize(count));
    }

    void awaitOk() {
        await().untilAsserted(() -> assertThat(status).isEqualTo(Status.OK));
    }

    Status.Code awaitFailure() {
        await().until(() -> status != null);
        return Objects.requireNonNull(status).getCode();
    }
}
