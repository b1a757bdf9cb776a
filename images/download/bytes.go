package download

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Bytes fetches a document of at most limit bytes into memory.
func (c *Client) Bytes(ctx context.Context, address string, limit int64) ([]byte, error) {
	if err := CheckURL(address); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		data, err := c.document(ctx, address, limit)
		if err == nil {
			return data, nil
		}
		if ctx.Err() != nil || !again(err) || attempt == documentAttempts {
			return nil, failed(ctx, address, err)
		}
		if err := c.Pause(ctx, attempt); err != nil {
			return nil, failed(ctx, address, err)
		}
	}
}

func (c *Client) document(ctx context.Context, address string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, final{err}
	}
	response, err := c.http().Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, status(response.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = final{fmt.Errorf("the document has more than %d bytes", limit)}
	}
	return data, err
}
