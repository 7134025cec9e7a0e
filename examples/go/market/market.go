// Publishes and follows market data: market [HOST:PORT PREFIX].
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	market "wirebrook/stubs/wirebrook/market/v1"
)

var enough = errors.New("enough")

// publish returns when the updates are durable. An update says what has changed.
func publish(ctx context.Context, client market.MarketDataServiceClient, updates ...*market.Snapshot) error {
	response, err := client.PutSnapshots(ctx, &market.PutSnapshotsRequest{Snapshots: updates})
	for _, rejected := range response.GetResults() {
		return fmt.Errorf("%s is rejected: %s", rejected.GetSymbol(), rejected.GetStatus().GetMessage())
	}
	return err
}

// follow hands on what is known of the symbols now, then each change, until one is refused. After a broken
// connection it goes on where it was; what a new stream sends again is left out.
func follow(ctx context.Context, client market.MarketDataServiceClient, symbols []string, take func(*market.Snapshot) error) error {
	request, epoch, last := &market.SubscribeSnapshotsRequest{Symbols: symbols}, "", map[uint32]int64{}
	for wait := 100 * time.Millisecond; ; {
		streaming, end := context.WithCancel(ctx)
		missing := false
		stream, err := client.SubscribeSnapshots(streaming, request)
		for err == nil {
			var response *market.SubscribeSnapshotsResponse
			response, err = stream.Recv()
			if started := response.GetStarted(); started != nil && started.Epoch != epoch {
				epoch, request.Resume, last = started.Epoch, nil, map[uint32]int64{}
			}
			for _, unknown := range response.GetStatuses() {
				if unknown.Symbol != "" { // It has no number yet: the next stream begins with all that is known.
					missing, request.Resume = true, nil
				}
			}
			for _, update := range response.GetUpdates() {
				if snapshot := update.Snapshot; err == nil && snapshot.Sequence > last[snapshot.SymbolId] {
					last[snapshot.SymbolId] = snapshot.Sequence
					err = take(snapshot)
				}
			}
			if progress := response.GetProgress(); progress != nil {
				if !missing {
					request.Resume = &market.ResumePoint{Epoch: epoch, Sequence: progress.Sequence}
				}
				wait = 100 * time.Millisecond
			}
		}
		end()
		if status.Code(err) != codes.Unavailable {
			return err
		}
		time.Sleep(wait)
		if wait < 5*time.Second {
			wait *= 2
		}
	}
}

func run(address, prefix string) error {
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	client, tcs, infy := market.NewMarketDataServiceClient(connection), prefix+"-TCS", prefix+"-INFY"
	if err := publish(ctx, client,
		&market.Snapshot{Symbol: tcs, Ltp: proto.Float64(3520.5)},
		&market.Snapshot{Symbol: infy, Ltp: proto.Float64(1500.25)}); err != nil {
		return err
	}
	one, err := client.GetSnapshot(ctx, &market.GetSnapshotRequest{Symbol: tcs})
	if err != nil {
		return err
	}
	fmt.Println("ltp", one.Snapshot.GetLtp())
	both, err := client.BatchGetSnapshots(ctx, &market.BatchGetSnapshotsRequest{Symbols: []string{tcs, infy}})
	if err != nil {
		return err
	}
	fmt.Println("batch of", len(both.Results))
	err = follow(ctx, client, []string{tcs, infy}, func(snapshot *market.Snapshot) error {
		switch {
		case snapshot.Symbol == infy:
			fmt.Println("streamed", snapshot.GetLtp())
		case snapshot.GetLtp() == 3521.5:
			fmt.Println("pushed", snapshot.GetLtp())
			return enough
		default:
			return publish(ctx, client, &market.Snapshot{Symbol: tcs, Ltp: proto.Float64(3521.5)})
		}
		return nil
	})
	if err != enough {
		return err
	}
	return nil
}

func main() {
	address, prefix := "localhost:8017", "example-go"
	if len(os.Args) == 3 {
		address, prefix = os.Args[1], os.Args[2]
	}
	if err := run(address, prefix); err != nil {
		log.Fatal(err)
	}
}
