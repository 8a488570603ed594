package rest_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/grotto-meet/grotto/internal/rest"
)

func ExampleClient() {
	ctx := context.Background()
	c := rest.Client{Server: "https://meet.example.org", Key: os.Getenv("GROTTO_API_KEY")}
	room, err := c.CreateRoom(ctx, rest.RoomSettings{Topic: rest.Some("Weekly"), Privacy: rest.Some("private")})
	if err != nil {
		log.Fatal(err)
	}
	link, err := rest.WithSecret(room.Link) // once a room: all who shall meet need the same
	if err != nil {
		log.Fatal(err)
	}
	pass, err := c.CreateToken(ctx, room.ID, rest.TokenSettings{Role: "moderator", ExternalID: "staff-7"})
	if err != nil {
		log.Fatal(err)
	}
	link, err = rest.WithToken(link, pass.Token)
	fmt.Println(link, err)
}
