// Sends events to Wirebrook and reads them back: events [HOST:PORT CLIENT-ID].
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"wirebrook/stubs/event"
	ingest "wirebrook/stubs/wirebrook/ingest/v1"
)

// An id of our own makes sending again safe: the event is stored once.
func addedToCart(productID string, price float64) *event.Event {
	added := &event.AddToCartEvent{ProductId: productID, Price: price, Quantity: 1}
	id := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	return &event.Event{Id: id, EventOf: &event.Event_AddToCartEvent{AddToCartEvent: added}}
}

// retryDelay is what the server asks for, else twice as long each time, less a random part. False: it is of no use.
func retryDelay(err error, attempt int) (time.Duration, bool) {
	switch status.Code(err) {
	case codes.Unavailable, codes.ResourceExhausted, codes.Aborted:
		for _, detail := range status.Convert(err).Details() {
			if retry, ok := detail.(*errdetails.RetryInfo); ok {
				return retry.GetRetryDelay().AsDuration(), true
			}
		}
		return time.Duration((0.5 + rand.Float64()/2) * float64(100*time.Millisecond<<attempt)), true
	}
	return 0, false
}

// patiently calls again while the server says that it may be of use, when it says so. The call's context bounds it.
func patiently(call func() error) error {
	for attempt := 0; ; attempt++ {
		err := call()
		delay, again := retryDelay(err, attempt)
		if !again {
			return err
		}
		time.Sleep(delay)
	}
}

// dispatch sends until nothing is left to send or the time is over, and prints what was not plainly accepted.
func dispatch(ctx context.Context, client event.EventServiceClient, batch *event.Events) error {
	for len(batch.Events) > 0 {
		var response *event.Response
		err := patiently(func() (err error) {
			response, err = client.Dispatch(ctx, batch)
			return err
		})
		if err != nil {
			return err
		}
		left := &event.Events{Header: batch.Header}
		for _, result := range response.Results {
			if result.Verdict == event.EventResult_RETRY {
				left.Events = append(left.Events, batch.Events[result.Index])
			} else {
				fmt.Printf("event %d: %v: %v\n", result.Index, result.Verdict, result.Violations)
			}
		}
		batch = left
		time.Sleep(response.GetRetryDelay().AsDuration())
	}
	return nil
}

// send puts batches into one stream while what each acknowledgement makes durable is read from it. What is not
// durable when the stream breaks goes into another.
func send(ctx context.Context, client ingest.IngestServiceClient, batches []*event.Events) error {
	durable := int64(0)
	return patiently(func() error {
		stream, err := client.Ingest(ctx)
		if err != nil {
			return err
		}
		first := durable
		go func() {
			defer stream.CloseSend() // where a send fails, Recv says why
			for i, batch := range batches[first:] {
				if stream.Send(&ingest.IngestRequest{Sequence: first + int64(i+1), Batch: batch}) != nil {
					return
				}
			}
		}()
		acknowledgement, err := stream.Recv()
		for ; err == nil; acknowledgement, err = stream.Recv() {
			durable = acknowledgement.Sequence
			fmt.Printf("durable up to batch %d: %d more\n", durable, acknowledgement.Accepted)
		}
		return unlessEnd(err)
	})
}

// tail counts a client's events from the oldest on.
func tail(ctx context.Context, client ingest.IngestServiceClient, request *ingest.TailRequest) (tailed int, err error) {
	err = patiently(func() error {
		tailed = 0
		stream, err := client.Tail(ctx, request)
		for err == nil {
			var response *ingest.TailResponse
			response, err = stream.Recv()
			tailed += len(response.GetEvents())
		}
		return unlessEnd(err)
	})
	return tailed, err
}

func unlessEnd(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func run(address, clientID string) error {
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	header, wrong := &event.Header{ClientId: clientID, UserId: 7}, &event.Event{Id: fmt.Sprintf("%0257d", 0)}
	batch := &event.Events{Header: header, Events: []*event.Event{addedToCart("A1", 9.99), wrong}}
	if err := dispatch(ctx, event.NewEventServiceClient(connection), batch); err != nil {
		return err
	}
	client, batches := ingest.NewIngestServiceClient(connection), make([]*event.Events, 3)
	for i := range batches {
		batches[i] = &event.Events{Header: header}
		for number := 0; number < 10; number++ {
			batches[i].Events = append(batches[i].Events, addedToCart(fmt.Sprintf("B%d", number), 1.5))
		}
	}
	if err := send(ctx, client, batches); err != nil {
		return err
	}
	tailed, err := tail(ctx, client, &ingest.TailRequest{ClientId: clientID, Position: proto.Int64(0), Limit: 31})
	fmt.Println("tailed", tailed)
	return err
}

func main() {
	rand.Seed(time.Now().UnixNano())
	address, clientID := "localhost:8017", "example-go"
	if len(os.Args) == 3 {
		address, clientID = os.Args[1], os.Args[2]
	}
	if err := run(address, clientID); err != nil {
		log.Fatal(err)
	}
}
